// SPDX-License-Identifier: BSD-2-Clause
// Live objects per class, by name: every test case must return to the counts that it began with.
#pragma once

#include "core/sync/spinlock.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/intrusive.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle::core::memory::counters {

/// A class of objects. Listed from add() to remove(), both any context that may take Rank::counters.
class Counter {
  public:
    constexpr explicit Counter(std::string_view name)
        : name_{name} {}

    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    std::string_view name() const { return name_; }

    /// Objects alive now; exact while nobody makes or frees any. Called with Rank::counters held.
    virtual std::uint64_t live() const = 0;

  protected:
    ~Counter() = default;

  private:
    friend void add(Counter& counter);
    friend void remove(Counter& counter);
    friend struct Registry;

    std::string_view name_;
    Counter* next_ = nullptr;
};

/// A counter that its class counts by hand.
class LiveCounter final : public Counter {
  public:
    using Counter::Counter;

    // Relaxed: a figure, nothing hangs on it.
    void increment() { count_.fetch_add(1, std::memory_order_relaxed); }

    void decrement() { count_.fetch_sub(1, std::memory_order_relaxed); }

    std::uint64_t live() const override { return count_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> count_{0};
};

/// Lists `counter`, which must stay until remove() or for good. Its name need not be unique.
void add(Counter& counter);
void remove(Counter& counter);

/// A counter's value at one time.
struct Reading {
    const Counter* counter = nullptr;
    std::string_view name;
    std::uint64_t live = 0;
};

/// The values of all counters, in the order of their listing.
using Snapshot = FixedVector<Reading, 64>;

/// Counts everything, after reclaim() (reclaim.hpp) on all CPUs, so that frames compare as well. Counters
/// beyond the snapshot's capacity are left out. Thread context, interrupts on.
Snapshot snapshot();

/// A counter that is not at its baseline.
struct Difference {
    std::string_view name;
    std::uint64_t before = 0; ///< 0 for one that was not listed then
    std::uint64_t now = 0;
};

/// The first counter whose value differs from `baseline`, nothing when all are there. Collects like
/// snapshot().
std::optional<Difference> first_difference(const Snapshot& baseline);

/// Calls `visit(const Reading&)` for every listed counter. Thread context.
template <class Visitor>
void for_each(Visitor visit) {
    for (const Reading& reading : snapshot()) {
        visit(reading);
    }
}

} // namespace heddle::core::memory::counters
