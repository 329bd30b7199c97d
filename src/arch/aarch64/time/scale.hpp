// SPDX-License-Identifier: BSD-2-Clause
// Counter steps to nanoseconds and back by multiplication, fine enough that years make no difference of a
// step.
#pragma once

#include "lib/units.hpp"

#include <cstdint>

namespace heddle::aarch64 {

class CounterScale {
  public:
    constexpr CounterScale() = default;

    /// The rates that the arithmetic has room for, in steps a second.
    static constexpr std::uint64_t slowest = 250'000;
    static constexpr std::uint64_t fastest = 4'000'000'000;

    /// For a counter that makes `frequency` steps a second, from `slowest` to `fastest`.
    constexpr explicit CounterScale(std::uint64_t frequency)
        : nanoseconds_per_step_{divide(billion, frequency, time_bits)}
        , steps_per_nanosecond_{divide(frequency, billion, step_bits) + 1}
        , resolution_{(billion + frequency - 1) / frequency} {}

    constexpr Nanoseconds to_time(std::uint64_t steps) const {
        return Nanoseconds{static_cast<std::uint64_t>((Wide{steps} * nanoseconds_per_step_) >> time_bits)};
    }

    /// The least steps, or one more, whose time is `time` or later; the largest number for a time out of the
    /// counter's reach.
    constexpr std::uint64_t to_steps(Nanoseconds time) const {
        const Wide steps = ((Wide{time.value} * steps_per_nanosecond_) >> step_bits) + 1;
        return steps > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(steps);
    }

    constexpr Nanoseconds resolution() const { return Nanoseconds{resolution_}; }

  private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t billion = 1'000'000'000;
    /// Binary places: as many as leave room for the slowest, and for the fastest, rate in 64 bits.
    static constexpr unsigned time_bits = 52;
    static constexpr unsigned step_bits = 60;

    /// a / b with `places` binary places, rounded down; both below 2^32. In two steps of 64 bits each: there
    /// is no 128-bit division without a library.
    static constexpr std::uint64_t divide(std::uint64_t a, std::uint64_t b, unsigned places) {
        const std::uint64_t upper = (a << 32) / b;
        const std::uint64_t rest = (a << 32) % b;
        return (upper << (places - 32)) + (rest << (places - 32)) / b;
    }

    std::uint64_t nanoseconds_per_step_ = 0;
    std::uint64_t steps_per_nanosecond_ = 0;
    std::uint64_t resolution_ = 0;
};

static_assert(CounterScale{62'500'000}.to_time(1) == Nanoseconds{16});
static_assert(CounterScale{62'500'000}.to_time(62'500'000) == 1_s);
static_assert(CounterScale{19'200'000}.resolution() == Nanoseconds{53});
static_assert(CounterScale{62'500'000}.to_time(62'500'000ULL * 86'400 * 365) ==
              Nanoseconds{1'000'000'000ULL * 86'400 * 365});
static_assert(CounterScale{62'500'000}.to_steps(Nanoseconds::never()) > 1ULL << 59);
static_assert(CounterScale{CounterScale::fastest}.to_time(4) <= Nanoseconds{1});
static_assert(CounterScale{CounterScale::slowest}.to_time(1) == Nanoseconds{4000});

} // namespace heddle::aarch64
