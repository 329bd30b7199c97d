// SPDX-License-Identifier: BSD-2-Clause
// Deadlines in order, per CPU: the earliest is in the clock device, the rest wait in a tree.
#pragma once

#include "core/sync/spinlock.hpp"
#include "core/time/clock.hpp"
#include "lib/intrusive.hpp"

namespace heddle::core::time {

class DeadlineQueue;

/// A timer: a member of whatever wants to be told. Not copyable, and must not be destroyed while set.
class Deadline {
  public:
    /// `function(argument)` runs in interrupt context with interrupts off; it may set the same deadline again.
    Deadline(void (*function)(void*), void* argument)
        : function_{function}
        , argument_{argument} {}

    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

  private:
    friend class DeadlineQueue;

    struct Earlier {
        bool operator()(const Deadline& a, const Deadline& b) const { return a.when_ < b.when_; }
    };

    TreeHook hook_;
    Nanoseconds when_{};
    void (*function_)(void*);
    void* argument_;
};

/// One CPU's deadlines.
class DeadlineQueue {
  public:
    static constexpr std::string_view interface_name = "deadlines";

    explicit DeadlineQueue(ClockDevice& clock)
        : clock_{clock} {}

    /// Fires `deadline` at `when` or as soon after as interrupts are on. A deadline that is set already is moved. Any context.
    void set(Deadline& deadline, Nanoseconds when) EXCLUDES(lock_);
    /// Takes `deadline` out. True when it was set and will not fire; false when it was not set or its function was called. Any context.
    bool cancel(Deadline& deadline) EXCLUDES(lock_);
    /// Runs what is due, earliest first, then re-arms the device. Called by the clock's interrupt, and by the virtual clock of tests.
    void expire() EXCLUDES(lock_);
    /// The earliest deadline, or Nanoseconds::never().
    Nanoseconds next() const EXCLUDES(lock_);

  private:
    mutable sync::Spinlock lock_{sync::Rank::deadlines};
    Tree<Deadline, &Deadline::hook_, Deadline::Earlier> queue_ GUARDED_BY(lock_);
    ClockDevice& clock_;
};

} // namespace heddle::core::time
