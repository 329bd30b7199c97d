// SPDX-License-Identifier: BSD-2-Clause
// Addresses, frames and times as types: the arithmetic that has a meaning, and that the rest does not
// compile.
#include "lib/units.hpp"
#include "test/floor/floor.hpp"

#include <concepts>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };

template <class A, class B>
concept Comparable = requires(A a, B b) { a == b; };

// One kind of quantity is never another, nor a naked integer.
static_assert(!Addable<PhysAddr, PhysAddr>);
static_assert(!Addable<PhysAddr, VirtAddr>);
static_assert(!Comparable<PhysAddr, VirtAddr>);
static_assert(!std::convertible_to<std::uint64_t, PhysAddr>);
static_assert(!std::convertible_to<PhysAddr, std::uint64_t>);
static_assert(!std::convertible_to<PhysAddr, VirtAddr>);
static_assert(!Comparable<CpuId, Frame>);

TEST_SUITE_BEGIN("lib/units");

TEST_CASE("sizes are powers of 1024") {
    CHECK(1_KiB == 1024);
    CHECK(3_MiB == 3 * 1024 * 1024);
    CHECK(2_GiB == std::size_t{1} << 31);
    CHECK(page_size == std::size_t{1} << page_shift);
}

TEST_CASE("addresses move by bytes and differ by bytes") {
    CHECK(PhysAddr{0x1000} + 0x234 == PhysAddr{0x1234});
    CHECK(PhysAddr{0x1234} - 0x34 == PhysAddr{0x1200});
    CHECK(PhysAddr{0x3000} - PhysAddr{0x1000} == 0x2000);
    CHECK(VirtAddr{0x1000} + 1 == VirtAddr{0x1001});
    CHECK(VirtAddr{0x3000} - VirtAddr{0x1000} == 0x2000);
    CHECK(PhysAddr{1} < PhysAddr{2});
}

TEST_CASE("a virtual address is a pointer and back") {
    int object = 5;
    const VirtAddr address = VirtAddr::of(&object);
    CHECK(address.as<int>() == &object);
    CHECK(*address.as<int>() == 5);
}

TEST_CASE("a frame holds the addresses of its page") {
    CHECK(Frame::containing(PhysAddr{0x1fff}) == Frame{1});
    CHECK(Frame::containing(PhysAddr{0x2000}) == Frame{2});
    CHECK(Frame{2}.address() == PhysAddr{0x2000});
    CHECK(Frame{0x10'0000}.address() == PhysAddr{0x1'0000'0000});
}

TEST_CASE("times add, differ, compare, and nothing is later than never") {
    CHECK(1_s == 1000_ms);
    CHECK(1_ms == 1000_us);
    CHECK(1_us == 1000_ns);
    CHECK(1_s + 1_ms == Nanoseconds{1'001'000'000});
    CHECK(5_us - 2_us == 3_us);
    CHECK(Nanoseconds::never() > Nanoseconds{UINT64_MAX - 1});
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
