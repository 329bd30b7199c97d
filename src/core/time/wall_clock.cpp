// SPDX-License-Identifier: BSD-2-Clause
// The wall clock's arithmetic.
#include "core/time/wall_clock.hpp"

namespace heddle::core::time {

WallTime WallClock::now() const {
    constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
    const std::uint64_t passed = (clock_.now() - then_).value;
    return {seconds_ + passed / nanoseconds_per_second,
            static_cast<std::uint32_t>(passed % nanoseconds_per_second)};
}

} // namespace heddle::core::time
