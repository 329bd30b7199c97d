// SPDX-License-Identifier: BSD-2-Clause
// Alignment and bit-field arithmetic on unsigned integers.
#pragma once

#include <bit>
#include <concepts>

namespace heddle {

/// `value` rounded down to a multiple of `alignment`, a power of two.
template <std::unsigned_integral T>
constexpr T align_down(T value, T alignment) {
    return value & ~(alignment - 1);
}

/// `value` rounded up to a multiple of `alignment`, a power of two; wraps where the result does not fit.
template <std::unsigned_integral T>
constexpr T align_up(T value, T alignment) {
    return align_down(static_cast<T>(value + (alignment - 1)), alignment);
}

template <std::unsigned_integral T>
constexpr bool is_aligned(T value, T alignment) {
    return (value & (alignment - 1)) == 0;
}

/// The bits `high`…`low` of `value`, both included, shifted down.
template <std::unsigned_integral T>
constexpr T bits(T value, unsigned high, unsigned low) {
    const unsigned width = high - low + 1;
    const T mask = width >= sizeof(T) * 8 ? ~T{0} : static_cast<T>((T{1} << width) - 1);
    return static_cast<T>(value >> low) & mask;
}

} // namespace heddle
