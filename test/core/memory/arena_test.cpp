// SPDX-License-Identifier: BSD-2-Clause
// The arena's addresses, and mappings in it.
#include "core/memory/arena.hpp"
#include "core/memory/fault_injection.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "test/floor/floor.hpp"

#include <optional>

namespace heddle::test {
namespace {

using namespace core::memory;

constexpr VirtAddr base{0xffff'f000'0000'0000};

/// Whether two ranges, if both are there, have a page or more between them.
bool are_apart(const std::optional<AddressRange>& a, const std::optional<AddressRange>& b) {
    if (!a || !b) {
        return true;
    }
    const AddressRange& lower = a->begin() < b->begin() ? *a : *b;
    const AddressRange& upper = a->begin() < b->begin() ? *b : *a;
    return upper.begin() - lower.begin() >= lower.size() + page_size;
}

TEST_SUITE("core/memory: arena") {
    TEST_CASE("ranges do not touch, even when their neighbours are full: a page of guard lies behind each") {
        Arena arena;
        REQUIRE(arena.initialise(base, 0x10000));
        const auto a = arena.reserve(0x3000);
        const auto b = arena.reserve(1);
        REQUIRE(a);
        REQUIRE(b);
        CHECK(a->begin() == base);
        CHECK(a->size() == 0x3000);
        CHECK(b->begin() == base + 0x4000);
        CHECK(b->size() == 0x1000);
        CHECK(arena.available() == 0x10000 - 0x4000 - 0x2000);
    }

    TEST_CASE("everything that was reserved merges again, in whatever order it comes back") {
        Arena arena;
        REQUIRE(arena.initialise(base, 0x100'0000));
        std::optional<AddressRange> ranges[64];
        for (auto& range : ranges) {
            range = std::move(*arena.reserve(random().between(1, 0x8000), page_size << random().below(4)));
        }
        for (int step = 0; step < 2000; ++step) {
            auto& range = ranges[random().below(64)];
            if (range) {
                range.reset();
            } else {
                range =
                    std::move(*arena.reserve(random().between(1, 0x8000), page_size << random().below(4)));
            }
        }
        bool apart = true;
        for (std::size_t i = 0; i < 64; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                apart = apart && are_apart(ranges[i], ranges[j]);
            }
        }
        CHECK(apart);
        for (auto& range : ranges) {
            range.reset();
        }
        CHECK(arena.fragments() == 1);
        CHECK(arena.available() == 0x100'0000);
    }

    TEST_CASE("the best fit is taken, and alignments are kept") {
        Arena arena;
        REQUIRE(arena.initialise(base, 0x100'0000));
        auto large = *arena.reserve(0x8000);
        const auto wall = *arena.reserve(0x1000);
        auto small = *arena.reserve(0x2000);
        const VirtAddr hole = small.begin();
        const auto other_wall = *arena.reserve(0x1000);
        {
            const AddressRange gone{std::move(large)};
        }
        {
            const AddressRange gone{std::move(small)};
        }
        const auto fitting = *arena.reserve(0x1800);
        CHECK(fitting.begin() == hole);
        const auto aligned = *arena.reserve(0x1000, 0x20'0000);
        CHECK(aligned.begin().value % 0x20'0000 == 0);
    }

    TEST_CASE("full is out of memory; sizes and alignments that are none are refused; nothing is lost") {
        Arena arena;
        REQUIRE(arena.initialise(base, 0x10000));
        CHECK(arena.reserve(0x10000).error() == Error::out_of_memory); // no room for its guard
        const auto most = arena.reserve(0xf000);
        CHECK(most.has_value());
        CHECK(arena.reserve(1).error() == Error::out_of_memory);
        CHECK(arena.reserve(0).error() == Error::invalid_argument);
        CHECK(arena.reserve(UINT64_MAX).error() == Error::invalid_argument);
        CHECK(arena.reserve(1, 3).error() == Error::invalid_argument);
        CHECK(arena.reserve(1, 16).error() == Error::invalid_argument);
        CHECK(arena.available() == 0);
    }

    TEST_CASE(
        "a mapping shows the memory that was asked for, from the very byte on, and is gone afterwards") {
        const auto frame = frames().allocate();
        REQUIRE(frame);
        auto* const direct = to_virtual(frame->address()).as<std::uint32_t>();
        direct[3] = 0x1234'5678;
        VirtAddr where;
        {
            auto mapping = map_physical(frame->address() + 12, 4, {.access = Access::read_write});
            REQUIRE(mapping);
            where = mapping->address();
            CHECK(mapping->size() == 4);
            CHECK(where.value % page_size == 12);
            const auto translation = kernel_map().translate(where);
            REQUIRE(translation);
            CHECK(translation->address == frame->address() + 12);
            CHECK(translation->permissions == Permissions{.access = Access::read_write});
            const Mapping moved{std::move(*mapping)};
            CHECK(kernel_map().translate(moved.address()).has_value());
        }
        CHECK(kernel_map().translate(where).error() == Error::not_found);
        frames().free(*frame);
    }

    TEST_CASE("device registers are mapped uncached and never executable, whole pages around them") {
        const auto mapping = map_device(PhysAddr{0xfee0'0ff0}, 0x20);
        REQUIRE(mapping);
        const auto first = kernel_map().translate(mapping->address());
        const auto last = kernel_map().translate(mapping->address() + 0x1f);
        REQUIRE(first);
        REQUIRE(last);
        CHECK(first->address == PhysAddr{0xfee0'0ff0});
        CHECK(last->address == PhysAddr{0xfee0'100f});
        CHECK(first->permissions == Permissions{.access = Access::read_write, .caching = Caching::device});
        CHECK(kernel_map().translate(mapping->address() + page_size * 2).error() == Error::not_found);
    }

    TEST_CASE("large device windows get large leaves") {
        const auto mapping = map_device(PhysAddr{0x40'0000'0000}, 0x40'0000);
        REQUIRE(mapping);
        CHECK(kernel_map().translate(mapping->address())->level == 1);
    }

    TEST_CASE("an empty or impossible range is refused") {
        CHECK(map_device(PhysAddr{0x1000}, 0).error() == Error::invalid_argument);
        CHECK(map_device(PhysAddr{UINT64_MAX - 10}, 100).error() == Error::invalid_argument);
        CHECK(map_device(PhysAddr{0x1000}, SIZE_MAX).error() == Error::invalid_argument);
    }

    TEST_CASE("whichever allocation of a mapping fails, nothing is left behind") {
        const auto sweep = fault_injection::for_each_failing_allocation([]() -> Result<void> {
            const auto mapping = TRY(map_device(PhysAddr{0x5'0000'0000}, 0x5000));
            return {};
        });
        CHECK(sweep.failures >= 2);
        CHECK(sweep.leaks == 0);
        CHECK(sweep.silent == 0);
        CHECK(sweep.succeeded);
        CHECK(arena().fragments() >= 1);
    }
}

} // namespace
} // namespace heddle::test
