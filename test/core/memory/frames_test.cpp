// SPDX-License-Identifier: BSD-2-Clause
// The kernel's own frames: caches in front, exhaustion, owners, and what test images catch.
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/fault_injection.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/heap.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/reclaim.hpp"
#include "core/memory/slab.hpp"
#include "test/floor/floor.hpp"

#include <cstring>

namespace heddle::test {
namespace {

using namespace core::memory;

/// Leaves frames in every CPU's cache.
void fill_all_caches() {
    core::cpu::call(
        core::cpu::online(),
        [](void*) {
            if (const auto frame = frames().allocate()) {
                frames().free(*frame);
            }
        },
        nullptr);
}

/// Takes every block there is, large ones first, and links them through their own memory.
class Everything {
  public:
    Everything() {
        for (unsigned order = max_order + 1; order-- > 0;) {
            for (auto frame = frames().allocate(order); frame; frame = frames().allocate(order)) {
                Link* const link = to_virtual(frame->address()).as<Link>();
                *link = {first_, *frame, order};
                first_ = link;
                count_ += std::uint64_t{1} << order;
            }
        }
    }

    ~Everything() {
        while (first_ != nullptr) {
            const Link link = *first_;
            first_ = link.next;
            frames().free(link.frame, link.order);
        }
    }

    std::uint64_t count() const { return count_; }

  private:
    struct Link {
        Link* next;
        Frame frame;
        unsigned order;
    };

    Link* first_ = nullptr;
    std::uint64_t count_ = 0;
};

/// Takes heap objects until there are none (slabs in use have some left) and gives them back. The last one's
/// error.
Error exhaust_heap(std::size_t bytes) {
    void* list = nullptr;
    auto memory = heap::allocate(bytes);
    for (; memory; memory = heap::allocate(bytes)) {
        *static_cast<void**>(*memory) = list;
        list = *memory;
    }
    while (list != nullptr) {
        void* const next = *static_cast<void**>(list);
        heap::free(list);
        list = next;
    }
    return memory.error();
}

TEST_SUITE("core/memory: frames") {
    TEST_CASE("a frame can be written all over and is given to nobody else meanwhile") {
        const auto a = frames().allocate();
        const auto b = frames().allocate();
        REQUIRE(a);
        REQUIRE(b);
        CHECK(*a != *b);
        auto* const first = to_virtual(a->address()).as<unsigned char>();
        auto* const second = to_virtual(b->address()).as<unsigned char>();
        std::memset(first, 0x11, page_size);
        std::memset(second, 0x22, page_size);
        CHECK(first[0] == 0x11);
        CHECK(first[page_size - 1] == 0x11);
        frames().free(*b);
        frames().free(*a);
    }

    TEST_CASE("this CPU's cache gives the last frame back first, and refills and drains in batches") {
        reclaim();
        const auto frame = frames().allocate();
        REQUIRE(frame);
        frames().free(*frame);
        const std::uint64_t free_in_buddy = frames().buddy().free_frames();
        const auto again = frames().allocate();
        CHECK(again == frame);
        frames().free(*again);
        CHECK(frames().buddy().free_frames() == free_in_buddy);
        const std::uint64_t available = frames().available();
        frames().drain_cache();
        CHECK(frames().buddy().free_frames() == available);
        CHECK(frames().available() == available);
    }

    TEST_CASE("more frames than the cache holds go out and come back") {
        frames().drain_cache();
        const std::uint64_t before = frames().available();
        std::uint32_t list = 0;
        for (std::uint32_t i = 0; i < 3 * FrameCache::capacity; ++i) {
            const auto frame = frames().allocate();
            REQUIRE(frame);
            frames().info(*frame).next = list;
            list = static_cast<std::uint32_t>(frame->value);
        }
        CHECK(frames().available() == before - 3 * FrameCache::capacity);
        while (list != 0) {
            const Frame frame{list};
            list = frames().info(frame).next;
            frames().free(frame);
        }
        CHECK(frames().available() == before);
    }

    TEST_CASE("the machine's last frame: everything then fails with an error, and works again afterwards") {
        (void)counters::snapshot(); // no empty slab is left that could help out
        fill_all_caches();
        const std::uint64_t available = frames().available();
        {
            const Everything everything;
            CHECK(everything.count() == available);
            CHECK(frames().available() == 0);
            CHECK(frames().allocate().error() == Error::out_of_memory);
            CHECK(frames().allocate(3).error() == Error::out_of_memory);
            CHECK(exhaust_heap(100) == Error::out_of_memory);
            CHECK(heap::allocate(100'000).error() == Error::out_of_memory);
            const auto mapping =
                map_device(PhysAddr{0x1000}, 8_MiB); // takes tables of its own, whatever is mapped already
            REQUIRE_FALSE(mapping);
            CHECK(mapping.error() == Error::out_of_memory);
        }
        CHECK(frames().available() == available);
        const auto memory = heap::allocate(100);
        REQUIRE(memory);
        heap::free(*memory);
    }

    TEST_CASE("a large block is found also when only this CPU's cache keeps it apart") {
        const auto block = frames().allocate(1);
        REQUIRE(block);
        const Everything everything;
        frames().free(*block, 1);
        const auto half = frames().allocate(); // splits the only block there is
        REQUIRE(half);
        frames().free(*half);
        CHECK(frames().buddy().free_frames() == 0); // both are in the cache
        const auto again = frames().allocate(1);
        CHECK(again == block);
        frames().free(*again, 1);
    }

    TEST_CASE("FrameBlock gives its frames back once, however often it moves") {
        frames().drain_cache();
        const std::uint64_t before = frames().available();
        {
            auto block = FrameBlock::allocate(3);
            REQUIRE(block);
            FrameBlock moved{std::move(*block)};
            auto other = FrameBlock::allocate(0);
            REQUIRE(other);
            *other = std::move(moved);
            CHECK(other->order() == 3);
            CHECK(other->size() == 8 * page_size);
        }
        CHECK(frames().available() == before);
        auto block = FrameBlock::allocate(2);
        REQUIRE(block);
        const Frame released = block->release();
        frames().free(released, 2);
    }

    TEST_CASE("an injected failure fails exactly one allocation") {
        fault_injection::arm(2);
        const auto first = frames().allocate();
        const auto second = frames().allocate();
        const auto third = frames().allocate();
        CHECK(fault_injection::disarm());
        REQUIRE(first);
        CHECK(second.error() == Error::out_of_memory);
        REQUIRE(third);
        frames().free(*first);
        frames().free(*third);
        fault_injection::arm(5);
        CHECK_FALSE(fault_injection::disarm());
    }

    TEST_CASE("a frame that is freed twice stops the machine" * expect_panic("freed twice")) {
        const auto frame = frames().allocate();
        REQUIRE(frame);
        frames().free(*frame);
        frames().free(*frame);
    }

    TEST_CASE("a block that is freed with another order stops the machine" *
              expect_panic("freed with order 2, allocated with order 3")) {
        const auto frame = frames().allocate(3);
        REQUIRE(frame);
        frames().free(*frame, 2);
    }
}

} // namespace
} // namespace heddle::test
