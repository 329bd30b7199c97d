// SPDX-License-Identifier: BSD-2-Clause
// The page-table walker on a tree of its own, which no CPU uses.
#include "core/memory/fault_injection.hpp"
#include "core/memory/kernel_map.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>

namespace heddle::test {
namespace {

using namespace core::memory;

constexpr VirtAddr base{0xffff'e000'0000'0000};
constexpr Permissions read_only{.access = Access::read};
constexpr Permissions read_write{.access = Access::read_write};
constexpr Permissions read_execute{.access = Access::read_execute};

/// A tree whose root lies in frames of its own, and what it maps as a sum that changes with every leaf.
class Tree {
  public:
    Tree()
        : root_{std::move(*FrameBlock::allocate(0))} {
        REQUIRE(map_.create({root_.frame().address(), root_.frame().address() + page_size}));
        map_.use_frames();
    }

    ~Tree() {
        // Give the tables back: what is still mapped goes, leaf by leaf.
        for (Leaf leaf = first(); leaf.size != 0; leaf = first()) {
            REQUIRE(map_.unmap(leaf.begin, leaf.size));
        }
    }

    KernelMap* operator->() { return &map_; }

    Leaf first() const {
        Leaf found;
        map_.for_each_leaf([&](const Leaf& leaf) { found = found.size == 0 ? leaf : found; });
        return found;
    }

    struct Summary {
        std::size_t leaves[3]{};
        std::uint64_t bytes = 0;
        std::uint64_t hash = 0;

        bool operator==(const Summary&) const = default;
    };

    Summary summary() const {
        Summary sum;
        map_.for_each_leaf([&](const Leaf& leaf) {
            ++sum.leaves[leaf.translation.level];
            sum.bytes += leaf.size;
            sum.hash = (sum.hash ^ leaf.begin.value ^ leaf.translation.address.value ^
                        static_cast<std::uint64_t>(leaf.translation.permissions.access)) *
                       0x100'0000'01b3;
        });
        return sum;
    }

  private:
    FrameBlock root_;
    KernelMap map_;
};

bool maps(Tree& tree, VirtAddr address, PhysAddr expected, Permissions permissions, unsigned level) {
    return tree->translate(address) == Translation{expected, permissions, level};
}

TEST_SUITE("core/memory: page tables") {
    TEST_CASE("a range is mapped byte for byte, with the largest leaves that fit, and nothing beside it") {
        Tree tree;
        // Begins 4 KiB below a 2 MiB boundary on both sides, ends 8 KiB behind another.
        const VirtAddr begin = base + 0x1f'f000;
        REQUIRE(tree->map(begin, PhysAddr{0x4'001f'f000}, 0x60'3000, read_write));
        CHECK(maps(tree, begin, PhysAddr{0x4'001f'f000}, read_write, 0));
        CHECK(maps(tree, begin + 0x1234, PhysAddr{0x4'001f'f000} + 0x1234, read_write, 1));
        CHECK(maps(tree, begin + 0x60'2fff, PhysAddr{0x4'001f'f000} + 0x60'2fff, read_write, 0));
        CHECK(tree->translate(begin - 1).error() == Error::not_found);
        CHECK(tree->translate(begin + 0x60'3000).error() == Error::not_found);
        CHECK(tree.summary().leaves[0] == 3);
        CHECK(tree.summary().leaves[1] == 3);
        CHECK(tree.summary().bytes == 0x60'3000);
    }

    TEST_CASE("addresses that are not aligned alike get small leaves") {
        Tree tree;
        REQUIRE(tree->map(base, PhysAddr{0x1000}, 0x40'0000, read_only));
        CHECK(tree.summary().leaves[0] == 1024);
        CHECK(maps(tree, base + 0x20'0000, PhysAddr{0x20'1000}, read_only, 0));
    }

    TEST_CASE("1 GiB leaves are used where the machine has them") {
        Tree tree;
        REQUIRE(tree->map(base, PhysAddr{0x8000'0000}, 0x8000'0000, read_write));
        const unsigned level = machine::PageTable::supports_leaf(2) ? 2 : 1;
        CHECK(maps(tree, base + 0x4123'4567, PhysAddr{0xc123'4567}, read_write, level));
    }

    TEST_CASE("every permission reads back as it was given") {
        Tree tree;
        VirtAddr at = base;
        for (const Access access : {Access::read, Access::read_write, Access::read_execute}) {
            for (const Privilege privilege : {Privilege::kernel, Privilege::user}) {
                for (const Caching caching : {Caching::normal, Caching::device}) {
                    const Permissions permissions{access, privilege, caching};
                    REQUIRE(tree->map(at, PhysAddr{0x7000}, page_size, permissions));
                    CHECK(maps(tree, at, PhysAddr{0x7000}, permissions, 0));
                    at = at + page_size;
                }
            }
        }
        bool both = false;
        tree->for_each_leaf([&](const Leaf& leaf) { both = both || leaf.writable_and_executable; });
        CHECK_FALSE(both);
    }

    TEST_CASE("what is mapped is not mapped again, and a refused call changes nothing") {
        Tree tree;
        REQUIRE(tree->map(base + 0x20'0000, PhysAddr{0x20'0000}, 0x20'0000, read_write));
        REQUIRE(tree->map(base + 0x5000, PhysAddr{0x5000}, 0x1000, read_write));
        const auto before = tree.summary();
        const std::uint64_t available = frames().available();
        CHECK(tree->map(base, PhysAddr{0x100'0000}, 0x6000, read_write).error() == Error::already_exists);
        CHECK(tree->map(base + 0x6000, PhysAddr{0x100'0000}, 0x20'0000, read_write).error() ==
              Error::already_exists);
        CHECK(tree->map(base, PhysAddr{0x4000'0000}, 0x4000'0000, read_write).error() ==
              Error::already_exists);
        CHECK(tree.summary() == before);
        CHECK(frames().available() == available);
    }

    TEST_CASE("values that are not whole pages, empty, or wrap around are refused") {
        Tree tree;
        CHECK(tree->map(base + 1, PhysAddr{0}, 0x1000, read_write).error() == Error::invalid_argument);
        CHECK(tree->map(base, PhysAddr{1}, 0x1000, read_write).error() == Error::invalid_argument);
        CHECK(tree->map(base, PhysAddr{0}, 0x1001, read_write).error() == Error::invalid_argument);
        CHECK(tree->map(base, PhysAddr{0}, 0, read_write).error() == Error::invalid_argument);
        CHECK(tree->map(VirtAddr{~0xfffULL}, PhysAddr{0}, 0x2000, read_write).error() ==
              Error::invalid_argument);
        CHECK(tree->unmap(base, 0).error() == Error::invalid_argument);
        CHECK(tree->protect(base + 5, 0x1000, read_only).error() == Error::invalid_argument);
        CHECK(tree.summary().bytes == 0);
    }

    TEST_CASE("unmapping gives the tables back, and refuses a range with a hole without touching it") {
        frames().drain_cache();
        Tree tree;
        const std::uint64_t available = frames().available();
        REQUIRE(tree->map(base, PhysAddr{0}, 0x3000, read_write));
        REQUIRE(tree->map(base + 0x4000, PhysAddr{0}, 0x1000, read_write));
        CHECK(frames().available() == available - 3);
        CHECK(tree->unmap(base, 0x5000).error() == Error::not_found);
        CHECK(tree.summary().bytes == 0x4000);
        REQUIRE(tree->unmap(base, 0x3000));
        CHECK(tree->translate(base).error() == Error::not_found);
        CHECK(frames().available() == available - 3);
        REQUIRE(tree->unmap(base + 0x4000, 0x1000));
        CHECK(frames().available() == available);
    }

    TEST_CASE("a hole in a large leaf splits it, and only as far as needed") {
        Tree tree;
        REQUIRE(tree->map(base, PhysAddr{0x4000'0000}, 0x4000'0000, read_write));
        REQUIRE(tree->unmap(base + 0x1234'5000, 0x2000));
        CHECK(tree->translate(base + 0x1234'5000).error() == Error::not_found);
        CHECK(tree->translate(base + 0x1234'6fff).error() == Error::not_found);
        CHECK(maps(tree, base + 0x1234'4fff, PhysAddr{0x5234'4fff}, read_write, 0));
        CHECK(maps(tree, base + 0x1234'7000, PhysAddr{0x5234'7000}, read_write, 0));
        CHECK(maps(tree, base + 0x1254'5000, PhysAddr{0x5254'5000}, read_write, 1));
        const auto sum = tree.summary();
        CHECK(sum.leaves[0] == 510);
        CHECK(sum.leaves[1] == 511);
        CHECK(sum.bytes == 0x4000'0000 - 0x2000);
    }

    TEST_CASE("protect changes what the range permits and nothing beside it") {
        Tree tree;
        REQUIRE(tree->map(base, PhysAddr{0x4000'0000}, 0x60'0000, read_write));
        REQUIRE(tree->protect(base + 0x1f'e000, 0x20'3000, read_only));
        CHECK(maps(tree, base + 0x1f'dfff, PhysAddr{0x401f'dfff}, read_write, 0));
        CHECK(maps(tree, base + 0x1f'e000, PhysAddr{0x401f'e000}, read_only, 0));
        CHECK(maps(tree, base + 0x20'0000, PhysAddr{0x4020'0000}, read_only, 1));
        CHECK(maps(tree, base + 0x40'0fff, PhysAddr{0x4040'0fff}, read_only, 0));
        CHECK(maps(tree, base + 0x40'1000, PhysAddr{0x4040'1000}, read_write, 0));
        REQUIRE(tree->protect(base + 0x20'0000, 0x1000, read_execute));
        CHECK(maps(tree, base + 0x20'0000, PhysAddr{0x4020'0000}, read_execute, 0));
        CHECK(maps(tree, base + 0x20'1000, PhysAddr{0x4020'1000}, read_only, 0));
        CHECK(tree->protect(base + 0x5f'f000, 0x2000, read_only).error() == Error::not_found);
        CHECK(tree->protect(base, 0x1000, {.caching = Caching::device}).error() == Error::invalid_argument);
        CHECK(tree.summary().bytes == 0x60'0000);
    }

    TEST_CASE("whichever table cannot be had, mapping, splitting and protecting change nothing") {
        Tree tree;
        REQUIRE(tree->map(base, PhysAddr{0x4000'0000}, 0x4000'0000, read_write));
        const auto before = tree.summary();
        bool unchanged = true;
        const auto sweep = fault_injection::for_each_failing_allocation([&]() -> Result<void> {
            const auto split = tree->unmap(base + 0x1000, 0x1000);
            if (!split) {
                unchanged = unchanged && tree.summary() == before;
                return split;
            }
            REQUIRE(tree->unmap(base, 0x1000));
            REQUIRE(tree->unmap(base + 0x2000, 0x4000'0000 - 0x2000));
            const auto mapped = tree->map(base, PhysAddr{0x4000'0000}, 0x4000'0000, read_write);
            if (!mapped) {
                unchanged = unchanged && tree.summary().bytes == 0;
                REQUIRE(tree->map(base, PhysAddr{0x4000'0000}, 0x4000'0000, read_write));
            }
            return mapped;
        });
        CHECK(unchanged);
        CHECK(sweep.failures >= 1);
        CHECK(sweep.leaks == 0);
        CHECK(sweep.silent == 0);
        CHECK(sweep.succeeded);
        CHECK(tree.summary() == before);
    }

    TEST_CASE("random changes agree with a page-by-page list") {
        Tree tree;
        constexpr std::size_t pages = 2048; // 8 MiB

        struct Page {
            bool mapped = false;
            Access access = Access::read;
        };

        static Page model[pages];
        for (Page& page : model) {
            page = {};
        }
        bool agreed = true;
        for (int step = 0; step < 300; ++step) {
            const std::size_t first =
                random().below(2) == 0 ? random().below(pages) : random().below(4) * 512;
            const std::size_t count = random().between(1, std::min<std::size_t>(pages - first, 700));
            bool all = true;
            bool none = true;
            for (std::size_t i = first; i < first + count; ++i) {
                all = all && model[i].mapped;
                none = none && !model[i].mapped;
            }
            const VirtAddr begin = base + first * page_size;
            const auto access = random().below(2) == 0 ? Access::read : Access::read_write;
            const std::uint64_t kind = random().below(3);
            if (kind == 0) {
                const PhysAddr target{0x4000'0000 + first * page_size};
                agreed = agreed && tree->map(begin, target, count * page_size, {access}).has_value() == none;
            } else if (kind == 1) {
                agreed = agreed && tree->unmap(begin, count * page_size).has_value() == all;
            } else {
                agreed = agreed && tree->protect(begin, count * page_size, {access}).has_value() == all;
            }
            for (std::size_t i = first; i < first + count; ++i) {
                if (kind == 0 && none) {
                    model[i] = {true, access};
                } else if (kind == 1 && all) {
                    model[i].mapped = false;
                } else if (kind == 2 && all) {
                    model[i].access = access;
                }
            }
        }
        CHECK(agreed);
        for (std::size_t i = 0; i < pages; ++i) {
            const auto translation = tree->translate(base + i * page_size);
            agreed = agreed && translation.has_value() == model[i].mapped;
            if (translation && model[i].mapped) {
                agreed = agreed && translation->address == PhysAddr{0x4000'0000 + i * page_size} &&
                         translation->permissions.access == model[i].access;
            }
        }
        CHECK(agreed);
    }
}

} // namespace
} // namespace heddle::test
