// SPDX-License-Identifier: BSD-2-Clause
// The buddy allocator over made-up memory: what it gives, to the last frame, and what becomes of it when it
// comes back.
#include "test/core/memory/regions.hpp"

namespace heddle::test {
namespace {

using namespace core::memory;
using core::boot::MemoryKind;

constexpr unsigned playground_order = 10; // 4 MiB

/// Which pages of a playground are out; insists that none is given twice.
class PageSet {
  public:
    explicit PageSet(const Playground& ground)
        : ground_{ground}
        , pages_{std::move(*make_array<bool>(ground.size() / page_size))} {}

    /// Marks a block; false when a page of it is outside or marked already.
    bool add(Frame frame, unsigned order) {
        bool fresh = true;
        for (std::size_t i = 0; i < (std::size_t{1} << order); ++i) {
            const std::size_t page = page_of(frame) + i;
            fresh = fresh && page < pages_.size() && !pages_[page];
            if (fresh) {
                pages_[page] = true;
            }
        }
        return fresh;
    }

    void remove(Frame frame, unsigned order) {
        for (std::size_t i = 0; i < (std::size_t{1} << order); ++i) {
            pages_[page_of(frame) + i] = false;
        }
    }

    bool has(std::size_t page) const { return pages_[page]; }

    std::size_t size() const { return pages_.size(); }

  private:
    std::size_t page_of(Frame frame) const { return (frame.address() - ground_.at(0)) / page_size; }

    const Playground& ground_;
    Array<bool> pages_;
};

/// Takes single frames until there are none; they are linked by their records. Returns how many.
std::size_t take_all(Buddy& buddy, PageSet& pages, std::uint32_t& list) {
    std::size_t count = 0;
    bool fresh = true;
    for (auto frame = buddy.allocate(0); frame; frame = buddy.allocate(0)) {
        fresh = fresh && pages.add(*frame, 0);
        buddy.info(*frame).next = list;
        list = static_cast<std::uint32_t>(frame->value);
        ++count;
    }
    CHECK(fresh);
    return count;
}

void give_all(Buddy& buddy, std::uint32_t list) {
    while (list != 0) {
        const Frame frame{list};
        list = buddy.info(frame).next;
        buddy.free(frame, 0);
    }
}

TEST_SUITE("core/memory: buddy") {
    TEST_CASE("every usable frame is given once, to the last, and all merge again") {
        Playground ground{playground_order};
        SUBCASE("one region") {
            ground.add(0, ground.size());
        }
        SUBCASE("holes, no order, overlaps, odd boundaries") {
            ground.add(0x30'0123, 0x8'0000);
            ground.add(0x0800, 0x4'1000);
            ground.add(0x2'0000, 0x9'0000);
            ground.add(0x10'0000, 0x10'0000);
            ground.add(0x18'0000, 0x100, MemoryKind::reserved);
            ground.add(0x3'0000, 0x3000, MemoryKind::kernel);
            ground.add(0x3f'f000, 0x1000);
        }
        SUBCASE("every other page") {
            for (std::uint64_t offset = 0; offset < 20; ++offset) {
                ground.add(offset * 0x2000, 0x1000);
            }
            ground.add(0x10'0000, 0x8000);
        }
        auto buddy = *make<Buddy>();
        REQUIRE(buddy->initialise(ground.map()));
        const Shape before{*buddy};
        PageSet pages{ground};
        std::uint32_t list = 0;
        CHECK(take_all(*buddy, pages, list) == buddy->total_frames());
        CHECK(buddy->free_frames() == 0);
        CHECK(buddy->allocate(0).error() == Error::out_of_memory);
        // What was usable and not given holds the records, and is no more than they need.
        std::size_t kept = 0;
        bool all_usable = true;
        for (std::size_t page = 0; page < pages.size(); ++page) {
            const bool is_usable = ground.page_is_usable(page);
            all_usable = all_usable && (is_usable || !pages.has(page));
            kept += is_usable && !pages.has(page) ? 1 : 0;
        }
        CHECK(all_usable);
        CHECK(kept <= pages.size() * sizeof(FrameInfo) / page_size + 1);
        give_all(*buddy, list);
        CHECK(buddy->free_frames() == buddy->total_frames());
        CHECK(Shape{*buddy} == before);
    }

    TEST_CASE("blocks of every order are aligned to their size and do not overlap") {
        Playground ground{playground_order};
        ground.add(0, ground.size());
        auto buddy = *make<Buddy>();
        REQUIRE(buddy->initialise(ground.map()));
        const Shape before{*buddy};
        PageSet pages{ground};
        FixedVector<Frame, playground_order> blocks;
        for (unsigned order = 0; order + 1 < playground_order; ++order) {
            const auto frame = buddy->allocate(order);
            REQUIRE(frame);
            CHECK(frame->value % (std::uint64_t{1} << order) == 0);
            CHECK(pages.add(*frame, order));
            REQUIRE(blocks.push_back(*frame));
        }
        for (unsigned order = 0; order < blocks.size(); ++order) {
            buddy->free(blocks[order], order);
        }
        CHECK(Shape{*buddy} == before);
    }

    TEST_CASE("a block that is not there is out of memory, an order that is none an invalid argument") {
        Playground ground{playground_order};
        ground.add(0, ground.size());
        auto buddy = *make<Buddy>();
        REQUIRE(buddy->initialise(ground.map()));
        CHECK(buddy->allocate(playground_order).error() == Error::out_of_memory); // records take a part
        CHECK(buddy->allocate(max_order).error() == Error::out_of_memory);
        CHECK(buddy->allocate(max_order + 1).error() == Error::invalid_argument);
        CHECK(buddy->free_frames() == buddy->total_frames());
    }

    TEST_CASE("one frame that stays out keeps its block from merging, and nothing else") {
        Playground ground{playground_order};
        ground.add(0, ground.size());
        auto buddy = *make<Buddy>();
        REQUIRE(buddy->initialise(ground.map()));
        const auto large = buddy->allocate(4);
        REQUIRE(large);
        buddy->free(*large, 4);
        std::uint32_t frames[32];
        REQUIRE(buddy->allocate_batch(frames) == 32);
        const std::uint32_t kept = frames[7];
        frames[7] = frames[31];
        buddy->free_batch({frames, 31});
        const Shape fragmented{*buddy};
        buddy->free(Frame{kept}, 0);
        CHECK(Shape{*buddy} != fragmented);
        CHECK(buddy->free_blocks(0) <= 1);
    }

    TEST_CASE("no usable page, or no room for the records: out of memory") {
        Playground ground{playground_order};
        auto buddy = *make<Buddy>();
        CHECK(buddy->initialise(ground.map()).error() == Error::out_of_memory);
        ground.add(0x5000, 0x1000); // its record would take the page itself
        CHECK(buddy->initialise(ground.map()).error() == Error::out_of_memory);
    }

    TEST_CASE("random blocks for a long time: none overlap, all merge") {
        Playground ground{playground_order};
        ground.add(0x1000, 0x1f'e000);
        ground.add(0x21'3000, 0x1c'0000);
        auto buddy = *make<Buddy>();
        REQUIRE(buddy->initialise(ground.map()));
        const Shape before{*buddy};

        struct Block {
            Frame frame;
            unsigned order = 0;
        };

        auto blocks = *make_array<Block>(256);
        PageSet pages{ground};
        std::size_t live = 0;
        bool fresh = true;
        for (int step = 0; step < 20'000; ++step) {
            if (live < blocks.size() && random().below(100) < 55) {
                const auto order = static_cast<unsigned>(random().below(7));
                if (const auto frame = buddy->allocate(order)) {
                    fresh = fresh && pages.add(*frame, order);
                    blocks[live++] = {*frame, order};
                }
            } else if (live > 0) {
                Block& block = blocks[random().below(live)];
                pages.remove(block.frame, block.order);
                buddy->free(block.frame, block.order);
                block = blocks[--live];
            }
        }
        CHECK(fresh);
        while (live > 0) {
            const Block& block = blocks[--live];
            buddy->free(block.frame, block.order);
        }
        CHECK(Shape{*buddy} == before);
    }
}

} // namespace
} // namespace heddle::test
