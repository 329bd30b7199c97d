// SPDX-License-Identifier: BSD-2-Clause
// Counter steps to nanoseconds and back, in 32.32 fixed point, so that no division is left for later.
#pragma once

#include "lib/units.hpp"

#include <cstdint>

namespace heddle::aarch64 {

class CounterScale {
  public:
    constexpr CounterScale() = default;

    /// For a counter that makes `frequency` steps a second: not 0, below 4 GHz. Both factors are rounded down and up, such
    /// that a deadline turned into steps is never too early.
    constexpr explicit CounterScale(std::uint32_t frequency)
        : nanoseconds_per_step_{(billion << 32) / frequency}
        , steps_per_nanosecond_{((std::uint64_t{frequency} << 32) + billion - 1) / billion}
        , resolution_{(billion + frequency - 1) / frequency} {}

    constexpr Nanoseconds to_time(std::uint64_t steps) const {
        return Nanoseconds{static_cast<std::uint64_t>((Wide{steps} * nanoseconds_per_step_) >> 32)};
    }

    /// The least steps whose time is `time` or later; the largest number for a time out of the counter's reach.
    constexpr std::uint64_t to_steps(Nanoseconds time) const {
        const Wide steps = ((Wide{time.value} * steps_per_nanosecond_) >> 32) + 1;
        return steps > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(steps);
    }

    constexpr Nanoseconds resolution() const { return Nanoseconds{resolution_}; }

  private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t billion = 1'000'000'000;

    std::uint64_t nanoseconds_per_step_ = 0; ///< 32.32
    std::uint64_t steps_per_nanosecond_ = 0; ///< 32.32
    std::uint64_t resolution_ = 0;
};

static_assert(CounterScale{62'500'000}.to_time(1) == Nanoseconds{16});
static_assert(CounterScale{62'500'000}.to_time(62'500'000) == 1_s);
static_assert(CounterScale{19'200'000}.resolution() == Nanoseconds{53});
static_assert(CounterScale{62'500'000}.to_steps(Nanoseconds::never()) > 1ULL << 59);

} // namespace heddle::aarch64
