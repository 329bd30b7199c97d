// SPDX-License-Identifier: BSD-2-Clause
// Shootdown: when it returns, no CPU reaches what was there.
#include "core/cpu/online.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/shootdown.hpp"
#include "core/sync/spinlock.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

#include <optional>

namespace heddle::test {
namespace {

using namespace core::memory;

constexpr Permissions read_write{.access = Access::read_write};

TEST_CASE("unmapping is one shootdown, however many pages") {
    auto block = FrameBlock::allocate(3);
    REQUIRE(block);
    auto mapping = map_physical(block->frame().address(), block->size(), read_write);
    REQUIRE(mapping);
    const std::uint64_t before = shootdown_count();
    std::optional<Mapping> owned{std::move(*mapping)};
    owned.reset();
    CHECK(shootdown_count() == before + 1);
}

TEST_CASE("another CPU that reads a page cannot read it any more when unmap returns") {
    if (!have_cpus(2)) {
        return;
    }
    auto block = FrameBlock::allocate(0);
    REQUIRE(block);
    for (int round = 0; round < 20; ++round) {
        auto mapping = map_physical(block->frame().address(), page_size, read_write);
        REQUIRE(mapping);
        std::optional<Mapping> owned{std::move(*mapping)};
        const VirtAddr address = owned->address();
        std::atomic<std::uint64_t> reads{0};
        std::atomic<bool> unmapped{false};
        std::atomic<bool> read_after{false};
        std::atomic<bool> faulted{false};
        {
            const Background reader{[&] {
                while (!faulted) {
                    const bool after = unmapped.load(std::memory_order_seq_cst);
                    if (!machine::probe_read(address)) {
                        faulted = true;
                    } else if (after) {
                        read_after = true;
                        faulted = true;
                    }
                    ++reads;
                }
            }};
            REQUIRE(eventually([&] { return reads > 10; }));
            owned.reset();
            unmapped.store(true, std::memory_order_seq_cst);
        }
        REQUIRE_FALSE(read_after);
    }
}

TEST_CASE("another CPU that writes to a page cannot when it is made read-only") {
    if (!have_cpus(2)) {
        return;
    }
    auto block = FrameBlock::allocate(0);
    REQUIRE(block);
    auto mapping = map_physical(block->frame().address(), page_size, read_write);
    REQUIRE(mapping);
    const VirtAddr address = mapping->address();
    std::atomic<std::uint64_t> writes{0};
    std::atomic<bool> faulted{false};
    const Background writer{[&] {
        while (machine::probe_write(address, 1)) {
            ++writes;
        }
        faulted = true;
    }};
    REQUIRE(eventually([&] { return writes > 10; }));
    REQUIRE(kernel_map().protect(address, page_size, {.access = Access::read}));
    *to_virtual(block->frame().address()).as<volatile std::uint64_t>() = 0;
    CHECK(eventually([&] { return faulted.load(); }));
    CHECK(*to_virtual(block->frame().address()).as<volatile std::uint64_t>() == 0);
}

constinit core::sync::Spinlock shootdown_test_lock{core::sync::Rank::registry};

TEST_CASE("a shootdown with a spinlock held is a panic" * expect_panic("while a spinlock of rank")) {
    const core::sync::SpinlockGuard guard{shootdown_test_lock};
    shoot_down(arena_base, page_size);
}

} // namespace
} // namespace heddle::test
