// SPDX-License-Identifier: BSD-2-Clause
// The buddy allocator over more memory than a kernel under test has: holes of GiB, RAM above 4 GiB, blocks of
// 1 GiB, hostile maps.
#include "core/memory/buddy.hpp"
#include "core/memory/layout.hpp"
#include "test/host/memory/host.hpp"

#include <algorithm>
#include <memory>
#include <sys/mman.h>
#include <vector>

namespace heddle::test {
namespace {

using namespace core::memory;
using core::boot::MemoryKind;
using core::boot::MemoryRegion;

constexpr std::uint64_t gib = 1_GiB;

/// Pages of the made-up memory that exist because somebody touched them.
std::size_t touched_pages(std::uint64_t begin, std::uint64_t size) {
    std::vector<unsigned char> present(size / page_size);
    REQUIRE(mincore(to_virtual(PhysAddr{begin}).as(), size, present.data()) == 0);
    return static_cast<std::size_t>(std::count(present.begin(), present.end(), 1));
}

void forget(std::uint64_t begin, std::uint64_t size) {
    REQUIRE(madvise(to_virtual(PhysAddr{begin}).as(), size, MADV_DONTNEED) == 0);
}

TEST_SUITE("core/memory: large memories") {
    TEST_CASE("16 GiB with the hole below 4 GiB: whole GiB are blocks of order 18, and initialising touches "
              "next to nothing") {
        forget(gib, host_memory - gib);
        const MemoryRegion regions[]{
            {PhysAddr{4 * gib}, 14 * gib, MemoryKind::usable},
            {PhysAddr{gib + 0x123}, 2 * gib - 0x123, MemoryKind::usable},
            {PhysAddr{3 * gib}, gib, MemoryKind::reserved},
        };
        const auto buddy = std::make_unique<Buddy>();
        REQUIRE(buddy->initialise(MemoryMap{regions}));
        CHECK(touched_pages(gib, host_memory - gib) < 64);
        CHECK(buddy->free_blocks(max_order) == 15); // the first GiB holds the records
        const std::uint64_t records = 16 * gib / page_size * sizeof(FrameInfo) / page_size;
        CHECK(buddy->total_frames() >= 16 * gib / page_size - records - 2);
        for (int i = 0; i < 15; ++i) {
            const auto block = buddy->allocate(max_order);
            REQUIRE(block);
            CHECK(block->address().value % gib == 0);
            CHECK(block->address().value >= gib);
            CHECK((block->address().value < 3 * gib || block->address().value >= 4 * gib));
        }
        CHECK(buddy->allocate(max_order).error() == Error::out_of_memory);
        CHECK(buddy->allocate(0).has_value());
    }

    TEST_CASE("memory beyond what its records have room for is left out, the highest first") {
        forget(gib, host_memory - gib);
        // Two MiB below, and a claim to hundreds of GiB that nothing could keep records of.
        const MemoryRegion regions[]{
            {PhysAddr{gib}, 2_MiB, MemoryKind::usable},
            {PhysAddr{100 * gib}, 0x1000, MemoryKind::usable},
            {PhysAddr{200 * gib + 0x1000}, 0x1000, MemoryKind::usable},
            {PhysAddr{201 * gib - 0x2000}, 0x1000, MemoryKind::usable},
        };
        const auto buddy = std::make_unique<Buddy>();
        REQUIRE(buddy->initialise(MemoryMap{regions}));
        CHECK(buddy->total_frames() == 512 - 3 + 1); // 513 records need more than two pages
    }

    TEST_CASE("a frame above 4 GiB comes back to the right list") {
        forget(gib, host_memory - gib);
        const MemoryRegion regions[]{{PhysAddr{8 * gib}, 64_MiB, MemoryKind::usable}};
        const auto buddy = std::make_unique<Buddy>();
        REQUIRE(buddy->initialise(MemoryMap{regions}));
        const std::uint64_t total = buddy->total_frames();
        const auto frame = buddy->allocate(0);
        REQUIRE(frame);
        CHECK(frame->address() >= PhysAddr{8 * gib});
        CHECK(buddy->has_info(*frame));
        CHECK_FALSE(buddy->has_info(Frame::containing(PhysAddr{7 * gib})));
        CHECK_FALSE(buddy->has_info(Frame::containing(PhysAddr{1ULL << 51})));
        buddy->free(*frame, 0);
        CHECK(buddy->free_frames() == total);
        CHECK(buddy->free_blocks(0) <= 1);
    }
}

} // namespace
} // namespace heddle::test
