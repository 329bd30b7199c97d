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
    /// `function(argument)` runs in interrupt context with interrupts off; it may set the same deadline
    /// again.
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
    bool set_ = false; ///< in a queue; under that queue's lock
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

    /// Fires `deadline` at `when` or as soon after as interrupts are on. A deadline that is set already is
    /// moved. Any context, on the queue's own CPU. From inside a deadline's function a `when` that is past
    /// fires in the next interrupt, not in this one, so that a function which sets itself for now does not
    /// keep the CPU for ever.
    void set(Deadline& deadline, Nanoseconds when) EXCLUDES(lock_);
    /// Takes `deadline` out. True when it was set and will not fire; false when it was not set or its
    /// function was called, and then may be running on the queue's CPU still. Any context.
    bool cancel(Deadline& deadline) EXCLUDES(lock_);
    /// Runs what is due, earliest first and equal ones in the order of set(), then re-arms the device. Called
    /// by the clock's interrupt, and by the virtual clock of tests.
    void expire() EXCLUDES(lock_);
    /// The earliest deadline, or Nanoseconds::never().
    Nanoseconds next() const EXCLUDES(lock_);

  private:
    Nanoseconds begin_expiry() EXCLUDES(lock_);
    Deadline* take_due(Nanoseconds now) EXCLUDES(lock_);
    void end_expiry() EXCLUDES(lock_);
    void arm(Nanoseconds when) REQUIRES(lock_);

    mutable sync::Spinlock lock_{sync::Rank::deadlines};
    Tree<Deadline, &Deadline::hook_, Deadline::Earlier> queue_ GUARDED_BY(lock_);
    /// What the device was told, at or before the first deadline; 0 while expire() runs, which arms at its
    /// end.
    Nanoseconds armed_ GUARDED_BY(lock_) = Nanoseconds::never();
    /// No deadline is set before this: past what expire() is running through, else 0.
    Nanoseconds earliest_ GUARDED_BY(lock_){};
    ClockDevice& clock_;
};

} // namespace heddle::core::time
