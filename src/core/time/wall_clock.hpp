// SPDX-License-Identifier: BSD-2-Clause
// The time of day: what the clock chip said at boot plus the monotonic clock. Not set again later.
#pragma once

#include "core/time/civil_time.hpp"
#include "core/time/clock.hpp"

namespace heddle::core::time {

/// A point in time since 1970-01-01T00:00:00Z.
struct WallTime {
    std::uint64_t seconds = 0;
    std::uint32_t nanoseconds = 0; ///< below 10⁹

    constexpr bool operator==(const WallTime&) const = default;
};

class WallClock {
  public:
    static constexpr std::string_view interface_name = "wall-clock";

    /// `seconds` since 1970 were read from the chip when `clock` showed `then`.
    WallClock(const ClockDevice& clock, std::uint64_t seconds, Nanoseconds then)
        : clock_{clock}
        , seconds_{seconds}
        , then_{then} {}

    /// Any context. Exact to the second that the chip shows.
    WallTime now() const;

  private:
    const ClockDevice& clock_;
    const std::uint64_t seconds_;
    const Nanoseconds then_;
};

} // namespace heddle::core::time
