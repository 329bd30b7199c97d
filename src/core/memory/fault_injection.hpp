// SPDX-License-Identifier: BSD-2-Clause
// Test floor: the k-th allocation from now fails, whichever allocator it asks. Nothing of it is left in
// release images.
#pragma once

#include "core/memory/counters.hpp"
#include "lib/config.hpp"
#include "lib/result.hpp"

#include <atomic>
#include <cstdint>
#include <string_view>

namespace heddle::core::memory::fault_injection {

namespace detail {

/// Allocations until the one that fails; 0: none will. Relaxed throughout: tests arm it for the thread they
/// run on.
inline constinit std::atomic<std::uint64_t> countdown{0};
inline constinit std::atomic<bool> fired{false};

bool count_down();

} // namespace detail

/// Asked by every allocator at its entry: whether this allocation is to fail.
inline bool should_fail() {
    if constexpr (config::test_floor) {
        if (detail::countdown.load(std::memory_order_relaxed) != 0) [[unlikely]] {
            return detail::count_down();
        }
    }
    return false;
}

/// Whether an allocation was made to fail since arm(): then allocators do not try again elsewhere.
inline bool fired() {
    if constexpr (config::test_floor) {
        return detail::fired.load(std::memory_order_relaxed);
    }
    return false;
}

/// Makes the `k`-th allocation from now fail, counted from 1.
void arm(std::uint64_t k);
/// Ends that. Returns whether it came so far.
bool disarm();

/// What for_each_failing_allocation() saw. Good is: `leaks` 0, `silent` 0, `succeeded` true.
struct Sweep {
    std::uint64_t failures = 0; ///< how many allocations were made to fail, one per run
    std::uint64_t leaks = 0;    ///< runs after which some counter was not at its baseline
    std::uint64_t silent = 0;   ///< runs in which an allocation failed and yet no error was reported
    bool succeeded = false;     ///< the last run, in which nothing failed, reported no error
    std::string_view leaked;    ///< the first counter that was off
};

/// Runs `function` (no arguments, returns a Result<…> and undoes what it did before it returns) with the
/// first allocation failing, then the second, and so on until none failed; compares all counters with the
/// baseline after each run. Gives up after `limit` runs with `succeeded` false.
template <class Function>
Sweep for_each_failing_allocation(Function function, std::uint64_t limit = 10'000) {
    Sweep sweep;
    const counters::Snapshot baseline = counters::snapshot();
    for (std::uint64_t k = 1; k <= limit; ++k) {
        arm(k);
        const bool reported = !function().has_value();
        const bool failed = disarm();
        if (const auto difference = counters::first_difference(baseline)) {
            sweep.leaked = sweep.leaks == 0 ? difference->name : sweep.leaked;
            ++sweep.leaks;
        }
        if (!failed) {
            sweep.succeeded = !reported;
            return sweep;
        }
        ++sweep.failures;
        sweep.silent += reported ? 0 : 1;
    }
    return sweep;
}

} // namespace heddle::core::memory::fault_injection
