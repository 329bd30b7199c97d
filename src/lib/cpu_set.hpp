// SPDX-License-Identifier: BSD-2-Clause
// A set of CPUs as one machine word.
#pragma once

#include "lib/units.hpp"

#include <bit>

namespace heddle {

/// Any of the CPUs 0 … CpuId::limit - 1.
class CpuSet {
  public:
    constexpr CpuSet() = default;

    static constexpr CpuSet of(CpuId cpu) { return CpuSet{std::uint64_t{1} << cpu.value}; }

    static constexpr CpuSet from_bits(std::uint64_t bits) { return CpuSet{bits}; }

    constexpr std::uint64_t bits() const { return bits_; }

    constexpr bool contains(CpuId cpu) const { return (bits_ >> cpu.value & 1) != 0; }

    constexpr bool empty() const { return bits_ == 0; }

    constexpr std::uint32_t count() const { return static_cast<std::uint32_t>(std::popcount(bits_)); }

    constexpr CpuSet with(CpuId cpu) const { return *this | of(cpu); }

    constexpr CpuSet without(CpuId cpu) const { return CpuSet{bits_ & ~of(cpu).bits_}; }

    constexpr CpuSet operator|(CpuSet other) const { return CpuSet{bits_ | other.bits_}; }

    constexpr CpuSet operator&(CpuSet other) const { return CpuSet{bits_ & other.bits_}; }

    constexpr bool operator==(const CpuSet&) const = default;

    /// Visits the members in ascending order.
    class Iterator {
      public:
        constexpr explicit Iterator(std::uint64_t rest)
            : rest_{rest} {}

        constexpr CpuId operator*() const {
            return CpuId{static_cast<std::uint32_t>(std::countr_zero(rest_))};
        }

        constexpr Iterator& operator++() {
            rest_ &= rest_ - 1;
            return *this;
        }

        constexpr bool operator==(const Iterator&) const = default;

      private:
        std::uint64_t rest_;
    };

    constexpr Iterator begin() const { return Iterator{bits_}; }

    constexpr Iterator end() const { return Iterator{0}; }

  private:
    static_assert(CpuId::limit <= 64);

    constexpr explicit CpuSet(std::uint64_t bits)
        : bits_{bits} {}

    std::uint64_t bits_ = 0;
};

} // namespace heddle
