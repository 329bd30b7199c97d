// SPDX-License-Identifier: BSD-2-Clause
// So many events per second and no more, without a lock: keeps a flood of log lines from drowning the rest.
#pragma once

#include "lib/units.hpp"

#include <atomic>
#include <cstdint>

namespace heddle::core::log {

/// Counts events per whole second of the caller's clock. Any context.
class RateLimit {
  public:
    constexpr explicit RateLimit(std::uint32_t per_second)
        : per_second_{per_second} {}

    /// Whether an event at `now` is within the limit; one that is not is counted as suppressed.
    bool admit(Nanoseconds now) {
        const auto second = static_cast<std::uint32_t>(now.value / 1'000'000'000);
        // Relaxed throughout: the words stand for themselves, no other memory depends on them.
        std::uint64_t window = window_.load(std::memory_order_relaxed);
        for (;;) {
            const std::uint32_t used =
                static_cast<std::uint32_t>(window >> 32) == second ? static_cast<std::uint32_t>(window) : 0;
            if (used == per_second_) {
                suppressed_.fetch_add(1, std::memory_order_relaxed);
                return false;
            }
            const std::uint64_t next = std::uint64_t{second} << 32 | (used + 1);
            if (window_.compare_exchange_weak(window, next, std::memory_order_relaxed)) {
                return true;
            }
        }
    }

    /// How many were suppressed since the last call.
    std::uint64_t take_suppressed() {
        // Relaxed: see admit(). The look first keeps the usual case from writing.
        return suppressed_.load(std::memory_order_relaxed) == 0
                   ? 0
                   : suppressed_.exchange(0, std::memory_order_relaxed);
    }

  private:
    const std::uint32_t per_second_;
    /// The second in the upper half, events within it in the lower.
    std::atomic<std::uint64_t> window_{0};
    std::atomic<std::uint64_t> suppressed_{0};
};

} // namespace heddle::core::log
