// SPDX-License-Identifier: BSD-2-Clause
// Addresses and units as types: no naked integer crosses an interface. Arithmetic only where it has a
// meaning.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace heddle {

/// Sizes are bytes in a plain `std::size_t`; these literals name them.
consteval std::size_t operator""_KiB(unsigned long long n) {
    return static_cast<std::size_t>(n) << 10;
}

consteval std::size_t operator""_MiB(unsigned long long n) {
    return static_cast<std::size_t>(n) << 20;
}

consteval std::size_t operator""_GiB(unsigned long long n) {
    return static_cast<std::size_t>(n) << 30;
}

/// The base page of both machines, in bytes.
inline constexpr std::size_t page_size = 4096;
inline constexpr unsigned page_shift = 12;

/// An integer that means one thing. `Tag` only tells the kinds apart.
template <class Tag, class Integer>
struct Quantity {
    Integer value{};

    constexpr Quantity() = default;

    constexpr explicit Quantity(Integer v)
        : value{v} {}

    constexpr auto operator<=>(const Quantity&) const = default;
};

/// A physical address, in bytes.
struct PhysAddr : Quantity<PhysAddr, std::uint64_t> {
    using Quantity::Quantity;

    constexpr PhysAddr operator+(std::uint64_t bytes) const { return PhysAddr{value + bytes}; }

    constexpr PhysAddr operator-(std::uint64_t bytes) const { return PhysAddr{value - bytes}; }

    constexpr std::uint64_t operator-(PhysAddr other) const { return value - other.value; }

    constexpr auto operator<=>(const PhysAddr&) const = default;
};

/// A virtual address, in bytes. Says nothing about whether anything is mapped there.
struct VirtAddr : Quantity<VirtAddr, std::uint64_t> {
    using Quantity::Quantity;

    static VirtAddr of(const volatile void* pointer) {
        return VirtAddr{reinterpret_cast<std::uintptr_t>(pointer)};
    }

    template <class T = void>
    T* as() const {
        return reinterpret_cast<T*>(value);
    }

    constexpr VirtAddr operator+(std::uint64_t bytes) const { return VirtAddr{value + bytes}; }

    constexpr VirtAddr operator-(std::uint64_t bytes) const { return VirtAddr{value - bytes}; }

    constexpr std::uint64_t operator-(VirtAddr other) const { return value - other.value; }

    constexpr auto operator<=>(const VirtAddr&) const = default;
};

/// A physical frame of `page_size` bytes, by number.
struct Frame : Quantity<Frame, std::uint64_t> {
    using Quantity::Quantity;

    /// The frame that holds `address`.
    static constexpr Frame containing(PhysAddr address) { return Frame{address.value >> page_shift}; }

    constexpr PhysAddr address() const { return PhysAddr{value << page_shift}; }

    constexpr auto operator<=>(const Frame&) const = default;
};

/// A CPU's index in boot order, 0 the boot CPU; dense, below `CpuId::limit`.
struct CpuId : Quantity<CpuId, std::uint32_t> {
    using Quantity::Quantity;
    /// More CPUs than these are named at boot and left alone.
    static constexpr std::uint32_t limit = 64;

    constexpr auto operator<=>(const CpuId&) const = default;
};

/// A span of time, or a point on the monotonic clock counted from boot.
struct Nanoseconds : Quantity<Nanoseconds, std::uint64_t> {
    using Quantity::Quantity;

    constexpr Nanoseconds operator+(Nanoseconds other) const { return Nanoseconds{value + other.value}; }

    constexpr Nanoseconds operator-(Nanoseconds other) const { return Nanoseconds{value - other.value}; }

    constexpr auto operator<=>(const Nanoseconds&) const = default;

    /// Later than every point that a clock will reach.
    static constexpr Nanoseconds never() { return Nanoseconds{UINT64_MAX}; }
};

constexpr Nanoseconds operator""_ns(unsigned long long n) {
    return Nanoseconds{n};
}

constexpr Nanoseconds operator""_us(unsigned long long n) {
    return Nanoseconds{n * 1000};
}

constexpr Nanoseconds operator""_ms(unsigned long long n) {
    return Nanoseconds{n * 1'000'000};
}

constexpr Nanoseconds operator""_s(unsigned long long n) {
    return Nanoseconds{n * 1'000'000'000};
}

} // namespace heddle
