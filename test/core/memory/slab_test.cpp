// SPDX-License-Identifier: BSD-2-Clause
// Object caches: alignment, reuse, construction, reclaim, counters, and what test images catch.
#include "core/cpu/cpu_local.hpp"
#include "core/memory/fault_injection.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/owner.hpp"
#include "core/memory/slab.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <cstring>

namespace heddle::test {
namespace {

using namespace core::memory;

struct Node {
    Node* next = nullptr;
    std::uint64_t value = 0;
};

template <std::size_t Size, std::size_t Alignment>
struct alignas(Alignment) Sized {
    std::byte bytes[Size];
};

template <class T>
void check_layout() {
    SlabCache<T> cache{"layout"};
    constexpr std::size_t count = 600;
    auto objects = *make_array<T*>(count);
    bool good = true;
    for (T*& object : objects) {
        object = *cache.allocate();
        good = good && VirtAddr::of(object).value % alignof(T) == 0;
        std::memset(static_cast<void*>(object), 0x5a, sizeof(T));
    }
    CHECK(good);
    CHECK(cache.live() == count);
    std::sort(objects.begin(), objects.end());
    for (std::size_t i = 1; i < count; ++i) {
        good = good && VirtAddr::of(objects[i]) - VirtAddr::of(objects[i - 1]) >= sizeof(T);
    }
    CHECK(good);
    const ObjectCache& untyped = cache.untyped();
    CHECK(untyped.stride() * untyped.capacity() >= block_size(untyped.order()) / 2);
    for (T* object : objects) {
        cache.free(object);
    }
    CHECK(cache.live() == 0);
}

struct Counted {
    static inline int alive = 0;
    static inline int made = 0;

    Counted() {
        ++alive;
        ++made;
    }

    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    ~Counted() { --alive; }

    std::uint64_t state = 7;
};

TEST_SUITE("core/memory: slab") {
    TEST_CASE("objects of every size are aligned, apart from each other, and pack well") {
        check_layout<Sized<1, 1>>();
        check_layout<Sized<8, 8>>();
        check_layout<Sized<24, 8>>();
        check_layout<Sized<64, 64>>();
        check_layout<Sized<100, 4>>();
        check_layout<Sized<768, 64>>();
        check_layout<Sized<1024, 1024>>();
        check_layout<Sized<2048, 16>>();
    }

    TEST_CASE("the object that was freed last is given again first") {
        SlabCache<Node> cache{"last first"};
        Node* const a = *cache.allocate();
        Node* const b = *cache.allocate(a, 5U);
        CHECK(b->next == a);
        CHECK(b->value == 5);
        cache.free(b);
        Node* const c = *cache.allocate();
        CHECK(c == b);
        CHECK(c->value == 0);
        cache.free(a);
        cache.free(c);
    }

    TEST_CASE("constructors and destructors run with each use of a SlabCache") {
        Counted::alive = Counted::made = 0;
        SlabCache<Counted> cache{"counted"};
        Counted* const object = *cache.allocate();
        CHECK(Counted::alive == 1);
        cache.free(object);
        CHECK(Counted::alive == 0);
        Counted* const again = *cache.allocate();
        CHECK(Counted::made == 2);
        cache.free(again);
    }

    TEST_CASE("a StableCache constructs with the slab, keeps what an object held, destroys with the slab") {
        Counted::alive = Counted::made = 0;
        {
            StableCache<Counted> cache{"stable"};
            Counted* const object = *cache.allocate();
            const int made = Counted::made;
            CHECK(made == static_cast<int>(cache.untyped().capacity()));
            CHECK(object->state == 7);
            object->state = 8;
            cache.free(object);
            CHECK(object->state == 8); // type-stable: still a Counted
            Counted* const again = *cache.allocate();
            CHECK(again == object);
            CHECK(again->state == 8);
            CHECK(Counted::made == made);
            cache.free(again);
            CHECK(cache.untyped().reclaim() > 0);
            CHECK(Counted::alive == 0);
        }
        CHECK(Counted::alive == 0);
    }

    TEST_CASE("reclaim gives every empty slab back, and only those") {
        frames().drain_cache();
        (void)counters::snapshot();
        const std::uint64_t before = frames().available();
        {
            SlabCache<Node> cache{"reclaim"};
            Node* list = nullptr;
            const std::size_t count = cache.untyped().capacity() * 5;
            for (std::size_t i = 0; i < count; ++i) {
                list = *cache.allocate(list, i);
            }
            CHECK(frames().available() + 5 <= before);
            Node* const kept = list;
            for (Node* node = list->next; node != nullptr;) {
                Node* const next = node->next;
                cache.free(node);
                node = next;
            }
            cache.untyped().reclaim();
            CHECK(cache.live() == 1);
            CHECK(kept->value == count - 1);
            CHECK(frames().info(Frame::containing(to_physical(VirtAddr::of(kept)))).get().state ==
                  FrameState::slab);
            cache.free(kept);
        }
        (void)counters::snapshot();
        CHECK(frames().available() == before);
    }

    TEST_CASE("live counts what callers own, wherever the rest lies") {
        SlabCache<Node> cache{"live"};
        CHECK(cache.live() == 0);
        Node* nodes[100];
        for (std::size_t i = 0; i < 100; ++i) {
            nodes[i] = *cache.allocate();
            CHECK(cache.live() == i + 1);
        }
        for (std::size_t i = 100; i-- > 0;) {
            cache.free(nodes[i]);
            CHECK(cache.live() == i);
        }
    }

    TEST_CASE("more caches than there are magazine numbers all work") {
        struct Many {
            SlabCache<Node> cache{"many"};
        };

        auto caches = *make_array<Many>(MagazineTable::limit + 5);
        auto nodes = *make_array<Node*>(caches.size());
        for (std::size_t i = 0; i < caches.size(); ++i) {
            nodes[i] = *caches[i].cache.allocate();
            caches[i].cache.free(nodes[i]);
            nodes[i] = *caches[i].cache.allocate(nullptr, i);
        }
        for (std::size_t i = 0; i < caches.size(); ++i) {
            CHECK(nodes[i]->value == i);
            CHECK(caches[i].cache.live() == 1);
            caches[i].cache.free(nodes[i]);
        }
    }

    TEST_CASE("an allocation that fails at any point leaves nothing behind") {
        const auto sweep = fault_injection::for_each_failing_allocation([]() -> Result<void> {
            SlabCache<Node> cache{"failing"};
            Node* const node = TRY(cache.allocate());
            const auto second = cache.allocate();
            if (second) {
                cache.free(*second);
            }
            cache.free(node);
            return second ? Result<void>{} : fail(second.error());
        });
        CHECK(sweep.failures >= 3); // the object, its magazine, the frame, the second object
        CHECK(sweep.leaks == 0);
        CHECK(sweep.silent == 0);
        CHECK(sweep.succeeded);
    }

    TEST_CASE("random use from many objects: each keeps its own contents") {
        SlabCache<Node> cache{"random"};
        auto nodes = *make_array<Node*>(700);
        bool intact = true;
        for (int step = 0; step < 20'000; ++step) {
            const std::size_t i = random().below(nodes.size());
            if (nodes[i] == nullptr) {
                nodes[i] = *cache.allocate(nullptr, i);
            } else {
                intact = intact && nodes[i]->value == i;
                cache.free(nodes[i]);
                nodes[i] = nullptr;
            }
        }
        CHECK(intact);
        for (Node* node : nodes) {
            if (node != nullptr) {
                cache.free(node);
            }
        }
    }

    TEST_CASE("an object that is freed twice stops the machine" * expect_panic("freed twice")) {
        SlabCache<Node> cache{"twice"};
        Node* const node = *cache.allocate();
        cache.free(node);
        cache.free(node);
    }

    TEST_CASE("a write behind an object's end stops the machine" *
              expect_panic("overrun: written behind the end")) {
        SlabCache<Node> cache{"overrun"};
        Node* const node = *cache.allocate();
        std::memset(static_cast<void*>(node), 0, sizeof *node + 1);
        cache.free(node);
    }

    TEST_CASE("a write to a free object stops the machine" * expect_panic("written after it was freed")) {
        SlabCache<Node> cache{"late"};
        Node* const node = *cache.allocate();
        cache.free(node);
        node->value = 1;
        (void)cache.allocate();
    }
}

} // namespace
} // namespace heddle::test
