// SPDX-License-Identifier: BSD-2-Clause
// Conversion between two clocks' units by one multiplication.
#pragma once

#include <cstdint>

namespace heddle::amd64 {

/// x ↦ x · ratio, the ratio in 32.32 fixed point: exact to 2⁻³³ of a ratio of one. The product has 128 bits,
/// so that no span that a counter can hold overflows on the way.
class Scale {
  public:
    constexpr Scale() = default;

    /// `to` units for each `from` units, both in Hz; `to` below 2³², `from` not 0.
    constexpr Scale(std::uint64_t to, std::uint64_t from)
        : ratio_{((to << 32) + from / 2) / from} {}

    constexpr std::uint64_t operator()(std::uint64_t span) const {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>(Wide{span} * ratio_ >> 32);
    }

  private:
    std::uint64_t ratio_ = 0;
};

static_assert(Scale{1'000'000'000, 1'000'000'000}(123'456'789'012'345) == 123'456'789'012'345);
static_assert(Scale{1'000'000'000, 2'000'000'000}(3) == 1);

} // namespace heddle::amd64
