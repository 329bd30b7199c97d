// SPDX-License-Identifier: BSD-2-Clause
// Made-up memory for allocators under test: real frames, so that they can be written, described by any memory
// map.
#pragma once

#include "core/memory/buddy.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/owner.hpp"
#include "lib/fixed_vector.hpp"
#include "test/floor/floor.hpp"

#include <cstring>

namespace heddle::test {

/// A block of the kernel's frames, full of what an allocator with faith in its memory would take for free
/// blocks' records.
class Playground {
  public:
    explicit Playground(unsigned order)
        : block_{std::move(*core::memory::FrameBlock::allocate(order))} {
        using namespace core::memory;
        const std::uint64_t trap = FrameWord{FrameState::free, 0}.encode();
        std::uint64_t* const words = to_virtual(at(0)).as<std::uint64_t>();
        for (std::size_t i = 0; i < block_.size() / sizeof trap; ++i) {
            words[i] = trap;
        }
    }

    PhysAddr at(std::uint64_t offset) const { return block_.frame().address() + offset; }

    std::size_t size() const { return block_.size(); }

    void add(std::uint64_t offset, std::uint64_t bytes,
             core::boot::MemoryKind kind = core::boot::MemoryKind::usable) {
        REQUIRE(regions_.push_back({at(offset), bytes, kind}));
    }

    core::memory::MemoryMap map() const { return core::memory::MemoryMap{regions_.span()}; }

    /// Whether each byte of page `page` is usable and of no other kind, by counting: slow and sure.
    bool page_is_usable(std::size_t page) const {
        bool all = true;
        for (std::uint64_t byte = page * page_size; byte < (page + 1) * page_size; byte += 16) {
            all = all && usable(at(byte)) && usable(at(byte + 15));
        }
        return all;
    }

  private:
    bool usable(PhysAddr address) const {
        bool covered = false;
        bool otherwise = false;
        for (const auto& region : regions_) {
            const bool inside = address >= region.base && address - region.base < region.size;
            covered = covered || inside;
            otherwise = otherwise || (inside && region.kind != core::boot::MemoryKind::usable);
        }
        return covered && !otherwise;
    }

    core::memory::FrameBlock block_;
    FixedVector<core::boot::MemoryRegion, 32> regions_;
};

/// How many free blocks an allocator has of each order.
struct Shape {
    std::size_t blocks[core::memory::max_order + 1]{};

    explicit Shape(core::memory::Buddy& buddy) {
        for (unsigned order = 0; order <= core::memory::max_order; ++order) {
            blocks[order] = buddy.free_blocks(order);
        }
    }

    bool operator==(const Shape&) const = default;
};

} // namespace heddle::test
