// SPDX-License-Identifier: BSD-2-Clause
// Sync points: named places in the kernel where a test can hold a CPU, or do something in between. Part of
// the test floor; elsewhere compiled to nothing.
#pragma once

#include "lib/config.hpp"
#include "lib/cpu_set.hpp"
#include "lib/result.hpp"

#include <atomic>
#include <string_view>

namespace heddle::core::test_hooks {
namespace detail {

/// Traps that are set. Relaxed: whoever sets one waits for it to be sprung, or does not care.
extern constinit std::atomic<std::uint32_t> traps_set;

void reach(std::string_view name);

} // namespace detail

/// A place that tests call `name`: "function: what has just happened". Costs a load and a test in test
/// images. Any context.
[[gnu::always_inline]] inline void sync_point(std::string_view name) {
    if constexpr (config::test_floor) {
        if (detail::traps_set.load(std::memory_order_relaxed) != 0) [[unlikely]] {
            detail::reach(name);
        }
    } else {
        static_cast<void>(name);
    }
}

/// What a test sets at a sync point. It springs once, for the first of `cpus` that comes by; a CPU that comes
/// later, or one not named, passes. At most `limit` at a time. `name` must be a literal.
class Trap {
  public:
    static constexpr std::size_t limit = 8;

    /// Holds the CPU where it is, with interrupts as they are there, until release().
    Trap(std::string_view name, CpuSet cpus)
        : Trap{name, cpus, nullptr, nullptr} {}

    /// Calls `function(argument)` on the CPU, at the sync point, in its context: a race in which the other
    /// side is done by the same CPU, so that one is enough.
    Trap(std::string_view name, CpuSet cpus, void (*function)(void*), void* argument);

    /// Releases, and returns when the CPU is out of it.
    ~Trap();

    Trap(const Trap&) = delete;
    Trap& operator=(const Trap&) = delete;

    /// Spins until a CPU is held or has called the function: which. Error::timed_out after about `seconds`.
    Result<CpuId> wait_until_sprung(unsigned seconds = 10) const;

    /// Whether it has sprung.
    bool sprung() const;

    /// Lets the held CPU go on, or takes the trap away when nobody came.
    void release();

  private:
    struct Slot* slot_;
};

} // namespace heddle::core::test_hooks
