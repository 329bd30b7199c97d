// SPDX-License-Identifier: BSD-2-Clause
// The memory map: what firmware says, in order and in whole pages.
#include "core/memory/memory_map.hpp"
#include "test/floor/floor.hpp"

#include <initializer_list>

namespace heddle::test {
namespace {

using core::boot::MemoryKind;
using core::boot::MemoryRegion;
using core::memory::MemoryMap;
using core::memory::PhysRange;

using Ranges = FixedVector<PhysRange, 64>;

Ranges usable(const MemoryMap& map) {
    Ranges ranges;
    for (auto range = map.next_usable({}); range; range = map.next_usable(range->end)) {
        REQUIRE(ranges.push_back(*range));
    }
    return ranges;
}

Ranges ram(const MemoryMap& map) {
    Ranges ranges;
    for (auto range = map.next_ram({}); range; range = map.next_ram(range->end)) {
        REQUIRE(ranges.push_back(*range));
    }
    return ranges;
}

bool equal(const Ranges& ranges, std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> expected) {
    if (ranges.size() != expected.size()) {
        return false;
    }
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const auto [begin, end] = expected.begin()[i];
        if (ranges[i] != PhysRange{PhysAddr{begin}, PhysAddr{end}}) {
            return false;
        }
    }
    return true;
}

TEST_SUITE("core/memory: memory map") {
    TEST_CASE("regions come out sorted, overlapping and touching ones as one") {
        const MemoryRegion regions[]{
            {PhysAddr{0x50'0000}, 0x10'0000, MemoryKind::usable},
            {PhysAddr{0x10'0000}, 0x10'0000, MemoryKind::usable},
            {PhysAddr{0x18'0000}, 0x10'0000, MemoryKind::usable},
            {PhysAddr{0x28'0000}, 0x8'0000, MemoryKind::usable},
        };
        CHECK(equal(usable(MemoryMap{regions}), {{0x10'0000, 0x30'0000}, {0x50'0000, 0x60'0000}}));
    }

    TEST_CASE("a page counts as usable only if all of it is, and as RAM if any of it is") {
        const MemoryRegion regions[]{
            {PhysAddr{0x1800}, 0x2900, MemoryKind::usable},      // to 0x4100
            {PhysAddr{0x4100}, 0x0f00, MemoryKind::reclaimable}, // the rest of that page
            {PhysAddr{0x9010}, 0x20, MemoryKind::reclaimable},
        };
        CHECK(equal(usable(MemoryMap{regions}), {{0x2000, 0x4000}}));
        CHECK(equal(ram(MemoryMap{regions}), {{0x1000, 0x5000}, {0x9000, 0xa000}}));
    }

    TEST_CASE("two pieces of RAM in one page give that page once") {
        const MemoryRegion regions[]{
            {PhysAddr{0x1000}, 0x400, MemoryKind::usable},
            {PhysAddr{0x1800}, 0x1000, MemoryKind::usable},
        };
        CHECK(equal(ram(MemoryMap{regions}), {{0x1000, 0x2000}, {0x2000, 0x3000}}));
        CHECK(equal(usable(MemoryMap{regions}), {}));
    }

    TEST_CASE("where regions overlap the stronger kind wins, whatever their order") {
        const MemoryRegion regions[]{
            {PhysAddr{0x20'0000}, 0x1'0000, MemoryKind::reserved},
            {PhysAddr{0x10'0000}, 0x100'0000, MemoryKind::usable},
            {PhysAddr{0x30'0000}, 0x1'0000, MemoryKind::module},
            {PhysAddr{0x30'8000}, 0x1'0000, MemoryKind::kernel},
        };
        CHECK(equal(usable(MemoryMap{regions}),
                    {{0x10'0000, 0x20'0000}, {0x21'0000, 0x30'0000}, {0x31'8000, 0x110'0000}}));
        CHECK(equal(ram(MemoryMap{regions}), {{0x10'0000, 0x20'0000}, {0x21'0000, 0x110'0000}}));
    }

    TEST_CASE("page 0 is never usable") {
        const MemoryRegion regions[]{{PhysAddr{0}, 0x9'fc00, MemoryKind::usable}};
        CHECK(equal(usable(MemoryMap{regions}), {{0x1000, 0x9'f000}}));
    }

    TEST_CASE("regions that are empty, end beyond the address space or lie beyond the limit do no harm") {
        const MemoryRegion regions[]{
            {PhysAddr{0x10'0000}, 0, MemoryKind::usable},
            {PhysAddr{UINT64_MAX - 0xfff}, 0x2000, MemoryKind::usable},
            {MemoryMap::limit - 0x1000, UINT64_MAX, MemoryKind::usable},
            {MemoryMap::limit + 0x1000, 0x1000, MemoryKind::usable},
        };
        CHECK(equal(usable(MemoryMap{regions}), {{MemoryMap::limit.value - 0x1000, MemoryMap::limit.value}}));
        CHECK(equal(usable(MemoryMap{{}}), {}));
    }

    TEST_CASE("what is reserved afterwards is cut out, in any order, whole pages at a time") {
        const MemoryRegion regions[]{{PhysAddr{0x10'0000}, 0x10'0000, MemoryKind::usable}};
        MemoryMap map{regions};
        REQUIRE(map.reserve(PhysAddr{0x1f'f800}, 0x1000));
        REQUIRE(map.reserve(PhysAddr{0x10'0010}, 1));
        REQUIRE(map.reserve(PhysAddr{0x15'0000}, 0x1000));
        REQUIRE(map.reserve(PhysAddr{0x15'1000}, 0x1000));
        REQUIRE(map.reserve(PhysAddr{0x15'1000}, 0));
        REQUIRE(map.reserve(PhysAddr{0x900'0000}, UINT64_MAX));
        CHECK(equal(usable(map), {{0x10'1000, 0x15'0000}, {0x15'2000, 0x1f'f000}}));
    }

    TEST_CASE("the largest usable range in a window is cut to the window") {
        const MemoryRegion regions[]{
            {PhysAddr{0x10'0000}, 0x10'0000, MemoryKind::usable},
            {PhysAddr{0x3000'0000}, 0x4000'0000, MemoryKind::usable},
        };
        const MemoryMap map{regions};
        const PhysRange window{PhysAddr{0}, PhysAddr{0x4000'0000}};
        CHECK(map.largest_usable(window) == PhysRange{PhysAddr{0x3000'0000}, PhysAddr{0x4000'0000}});
        CHECK(!map.largest_usable({PhysAddr{0x8000'0000}, PhysAddr{0x9000'0000}}));
    }
}

} // namespace
} // namespace heddle::test
