// SPDX-License-Identifier: BSD-2-Clause
// What test images catch of their callers' mistakes, by name: on the host a panic is an exception.
#include "core/memory/frames.hpp"
#include "core/memory/heap.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/slab.hpp"
#include "test/host/memory/host.hpp"

#include <cstring>

namespace heddle::test {
namespace {

using namespace core::memory;

struct Node {
    std::uint64_t words[3]{};
};

bool says(const std::string& message, std::string_view expected) {
    INFO(message);
    return message.find(expected) != std::string::npos;
}

TEST_SUITE("core/memory: misuse") {
    TEST_CASE("frames freed twice, with the wrong order, from a block's middle, or from nowhere") {
        const Frame frame = *frames().allocate();
        frames().free(frame);
        CHECK(says(panic_of([&] { frames().free(frame); }), "freed twice"));
        frames().drain_cache();
        const Frame block = *frames().allocate(3);
        CHECK(says(panic_of([&] { frames().free(block, 2); }), "freed with order 2, allocated with order 3"));
        CHECK(says(panic_of([&] { frames().free(block, 0); }), "freed with order 0, allocated with order 3"));
        CHECK(says(panic_of([&] { frames().free(Frame{block.value + 1}, 0); }), "not the first"));
        CHECK(says(panic_of([&] { frames().free(Frame{1ULL << 30}, 0); }), "none of the allocator's"));
        frames().free(block, 3);
        CHECK(says(panic_of([&] { frames().free(block, 3); }), "freed twice"));
    }

    TEST_CASE("objects freed twice, in a magazine or in the slab") {
        SlabCache<Node> cache{"twice"};
        Node* const node = *cache.allocate();
        Node* const other = *cache.allocate();
        cache.free(node);
        CHECK(says(panic_of([&] { cache.free(node); }), "twice: "));
        CHECK(says(panic_of([&] { cache.free(node); }), "freed twice"));
        cache.untyped().reclaim();
        CHECK(says(panic_of([&] { cache.free(node); }), "freed twice"));
        cache.free(other);
    }

    TEST_CASE("a write behind the end, and a write after free") {
        SlabCache<Node> cache{"overrun"};
        Node* const node = *cache.allocate();
        std::uint64_t& behind = reinterpret_cast<std::uint64_t*>(node)[3];
        const std::uint64_t mark = behind;
        behind = 1;
        CHECK(says(panic_of([&] { cache.free(node); }), "overrun: written behind the end"));
        behind = mark;
        cache.free(node);
        const std::uint64_t pattern = std::exchange(node->words[1], 1);
        CHECK(says(panic_of([&] { (void)cache.allocate(); }), "written after it was freed"));
        node->words[1] = pattern;
        cache.free(*cache.allocate());
    }

    TEST_CASE("an object of another cache, and a pointer into an object") {
        SlabCache<Node> cache{"one"};
        SlabCache<Node> other{"other"};
        Node* const node = *cache.allocate();
        CHECK(says(panic_of([&] { other.free(node); }), "not from this cache"));
        CHECK(says(panic_of([&] { cache.untyped().free(&node->words[1]); }), "inside an object"));
        static Node outside;
        CHECK(says(panic_of([&] { cache.free(&outside); }), "not from this cache"));
        cache.free(node);
    }

    TEST_CASE("heap memory freed twice, or by a pointer into it") {
        void* const block = *heap::allocate(10'000);
        CHECK(says(panic_of([&] { heap::free(static_cast<std::byte*>(block) + 8); }), "inside a block"));
        CHECK(
            says(panic_of([&] { heap::free(static_cast<std::byte*>(block) + page_size); }), "not the first"));
        heap::free(block);
        CHECK(says(panic_of([&] { heap::free(block); }), "freed"));
        void* const small = *heap::allocate(100);
        heap::free(small);
        CHECK(says(panic_of([&] { heap::free(small); }), "freed twice"));
        static int outside;
        CHECK(says(panic_of([&] { heap::free(&outside); }), "not from the heap"));
    }
}

} // namespace
} // namespace heddle::test
