// SPDX-License-Identifier: BSD-2-Clause
// Copies from and to programs' memory: a fault at any byte ends them with the right count, and the kernel's
// memory is out of their reach.
#include "core/machine/probe.hpp"
#include "core/machine/user.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "offsets.h"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <numeric>

namespace heddle::test {
namespace {

using core::memory::Access;
using core::memory::FrameBlock;
using core::memory::KernelMap;
using core::memory::Privilege;

/// Of the two pages of a program: one that it may write, and behind it one that it may only read. Around them
/// there is nothing.
constexpr VirtAddr writable{0x10'0000};
constexpr VirtAddr readable = writable + page_size;
constexpr VirtAddr end = readable + page_size;

/// A program's half of the address space, open on this CPU as long as this lives.
class UserHalf {
  public:
    UserHalf() {
        REQUIRE(map_.create({root_.frame().address(), root_.frame().address() + page_size}));
        map_.use_frames();
        const PhysAddr physical = pages_.frame().address();
        REQUIRE(map_.map(writable, physical, page_size,
                         {.access = Access::read_write, .privilege = Privilege::user}));
        REQUIRE(map_.map(readable, physical + page_size, page_size,
                         {.access = Access::read, .privilege = Privilege::user}));
        WRITE_SYSTEM_REGISTER(ttbr0_el1, map_.root().value);
        WRITE_SYSTEM_REGISTER(tcr_el1, READ_SYSTEM_REGISTER(tcr_el1) & ~closed);
        aarch64::instruction_barrier();
    }

    ~UserHalf() {
        WRITE_SYSTEM_REGISTER(tcr_el1, READ_SYSTEM_REGISTER(tcr_el1) | closed);
        machine::PageTable::invalidate_all();
        REQUIRE(map_.unmap(writable, 2 * page_size));
    }

    UserHalf(const UserHalf&) = delete;
    UserHalf& operator=(const UserHalf&) = delete;

    /// Both pages, as the kernel has them.
    std::span<std::uint8_t> bytes() {
        return {core::memory::to_virtual(pages_.frame().address()).as<std::uint8_t>(), 2 * page_size};
    }

  private:
    static constexpr std::uint64_t closed = 1ULL << TCR_EPD0_SHIFT;

    FrameBlock root_{std::move(*FrameBlock::allocate(0))};
    FrameBlock pages_{std::move(*FrameBlock::allocate(1))};
    KernelMap map_;
};

constexpr std::size_t longest = 40;

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-08 a copy from a program stops at the byte that is not there, for every length and place at "
          "the edge") {
    UserHalf user;
    std::iota(user.bytes().begin(), user.bytes().end(), std::uint8_t{1});
    for (std::size_t distance = 0; distance <= longest; ++distance) {
        for (std::size_t size = 0; size <= longest; ++size) {
            std::array<std::uint8_t, longest + 1> copy{};
            const std::size_t left = machine::copy_from_user_unchecked(copy.data(), end - distance, size);
            const std::size_t copied = std::min(size, distance);
            CAPTURE(distance);
            CAPTURE(size);
            REQUIRE(left == size - copied);
            REQUIRE(std::equal(copy.begin(), copy.begin() + copied, user.bytes().end() - distance));
            REQUIRE(
                std::all_of(copy.begin() + copied, copy.end(), [](std::uint8_t byte) { return byte == 0; }));
        }
    }
}

TEST_CASE("ENT-08 a copy to a program, and clearing, stop at the byte that it may not write") {
    UserHalf user;
    std::array<std::uint8_t, longest> source{};
    std::iota(source.begin(), source.end(), std::uint8_t{1});
    for (std::size_t distance = 0; distance <= longest; ++distance) {
        for (std::size_t size = 0; size <= longest; ++size) {
            const std::size_t copied = std::min(size, distance);
            const auto place = user.bytes().begin() + page_size - distance;
            CAPTURE(distance);
            CAPTURE(size);
            std::ranges::fill(user.bytes(), std::uint8_t{0xee});
            REQUIRE(machine::copy_to_user_unchecked(readable - distance, source.data(), size) ==
                    size - copied);
            REQUIRE(std::equal(source.begin(), source.begin() + copied, place));
            REQUIRE(
                std::all_of(place + copied, user.bytes().end(), [](std::uint8_t b) { return b == 0xee; }));
            REQUIRE(place[-1] == 0xee);
            REQUIRE(machine::clear_user_unchecked(readable - distance, size) == size - copied);
            REQUIRE(std::all_of(place, place + copied, [](std::uint8_t b) { return b == 0; }));
            REQUIRE(
                std::all_of(place + copied, user.bytes().end(), [](std::uint8_t b) { return b == 0xee; }));
        }
    }
}

TEST_CASE("ENT-08 the kernel's memory cannot be had by a copy with a program's rights") {
    const UserHalf user;
    std::uint64_t secret = 0x5ec4e7;
    std::uint64_t copy = 0;
    CHECK(machine::copy_from_user_unchecked(&copy, VirtAddr::of(&secret), sizeof(copy)) == sizeof(copy));
    CHECK(copy == 0);
    CHECK(machine::copy_to_user_unchecked(VirtAddr::of(&secret), &copy, sizeof(copy)) == sizeof(copy));
    CHECK(machine::clear_user_unchecked(VirtAddr::of(&secret), sizeof(secret)) == sizeof(secret));
    CHECK(secret == 0x5ec4e7);
}

TEST_CASE("ENT-08 the kernel cannot touch a program's memory by itself, where the CPU has PAN") {
    UserHalf user;
    std::uint64_t copy = 0;
    CHECK(machine::copy_from_user_unchecked(&copy, writable, sizeof(copy)) == 0);
    CHECK(machine::probe_read(writable).has_value() != aarch64::cpu_features.privileged_access_never);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
