// SPDX-License-Identifier: BSD-2-Clause
// The heap and its owners.
#include "core/memory/fault_injection.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/owner.hpp"
#include "test/floor/floor.hpp"

#include <cstring>

namespace heddle::test {
namespace {

using namespace core::memory;

struct Tracked {
    static inline int alive = 0;

    explicit Tracked(int v)
        : value{v} {
        ++alive;
    }

    Tracked()
        : Tracked{42} {}

    Tracked(const Tracked&) = delete;
    Tracked& operator=(const Tracked&) = delete;

    virtual ~Tracked() { --alive; }

    int value;
};

struct Derived final : Tracked {
    explicit Derived(bool& destroyed_flag)
        : Tracked{1}
        , destroyed{destroyed_flag} {}

    ~Derived() override { destroyed = true; }

    bool& destroyed;
};

TEST_SUITE("core/memory: heap") {
    TEST_CASE("every size and alignment: as large as asked, aligned, apart from its neighbours") {
        for (std::size_t alignment = 1; alignment <= 8192; alignment *= 2) {
            for (const std::size_t bytes :
                 {0,   1,   15,  16,   17,   31,   33,   48,   63,   65,   97,   129,    200,
                  257, 500, 513, 1000, 1025, 1537, 2047, 2048, 2049, 4096, 4097, 10'000, 100'000}) {
                const auto a = heap::allocate(bytes, alignment);
                const auto b = heap::allocate(bytes, alignment);
                REQUIRE(a);
                REQUIRE(b);
                CAPTURE(bytes);
                CAPTURE(alignment);
                CHECK(reinterpret_cast<std::uintptr_t>(*a) % alignment == 0);
                CHECK(reinterpret_cast<std::uintptr_t>(*b) % alignment == 0);
                CHECK(reinterpret_cast<std::uintptr_t>(*a) % 16 == 0);
                CHECK(*a != *b);
                CHECK(heap::usable_size(*a) >= bytes);
                std::memset(*a, 0x11, heap::usable_size(*a));
                std::memset(*b, 0x22, heap::usable_size(*b));
                if (bytes != 0) {
                    CHECK(static_cast<unsigned char*>(*a)[bytes - 1] == 0x11);
                }
                heap::free(*a);
                heap::free(*b);
            }
        }
    }

    TEST_CASE("small objects do not waste more than a third") {
        for (std::size_t bytes = 33; bytes <= 2048; ++bytes) {
            const auto memory = heap::allocate(bytes);
            REQUIRE(memory);
            CHECK(heap::usable_size(*memory) * 2 < bytes * 3 + 32);
            heap::free(*memory);
        }
    }

    TEST_CASE("an alignment that is no power of two is refused, a size beyond memory is out of memory") {
        CHECK(heap::allocate(10, 0).error() == Error::invalid_argument);
        CHECK(heap::allocate(10, 48).error() == Error::invalid_argument);
        CHECK_FALSE(heap::allocate(SIZE_MAX));
        CHECK_FALSE(heap::allocate(SIZE_MAX / 2));
        CHECK(heap::allocate(std::size_t{4} << 30).error() == Error::out_of_memory);
        CHECK(make_array<std::uint64_t>(SIZE_MAX / 4).error() == Error::out_of_memory);
        heap::free(nullptr);
    }

    TEST_CASE("blocks of frames are counted") {
        const std::uint64_t before = heap::live_blocks();
        const auto memory = heap::allocate(5000);
        REQUIRE(memory);
        CHECK(heap::live_blocks() == before + 1);
        heap::free(*memory);
        CHECK(heap::live_blocks() == before);
    }

    TEST_CASE("make builds one object, its owner destroys it once, however often it moves") {
        Tracked::alive = 0;
        {
            auto owner = make<Tracked>(5);
            REQUIRE(owner);
            CHECK(Tracked::alive == 1);
            Owner<Tracked> moved{std::move(*owner)};
            CHECK_FALSE(*owner);
            CHECK(moved->value == 5);
            moved = std::move(*make<Tracked>(6));
            CHECK((*moved).value == 6);
            CHECK(moved.get() != nullptr);
        }
        CHECK(Tracked::alive == 0);
    }

    TEST_CASE("an owner of a base destroys the derived object") {
        bool destroyed = false;
        {
            Owner<Tracked> owner = *make<Derived>(destroyed);
            CHECK(owner->value == 1);
        }
        CHECK(destroyed);
    }

    TEST_CASE("release and adopt pass an object by hand") {
        Tracked* const object = make<Tracked>(9)->release();
        CHECK(object->value == 9);
        const auto owner = Owner<Tracked>::adopt(object);
    }

    TEST_CASE("make_array constructs all, zeroes integers, and destroys all") {
        Tracked::alive = 0;
        {
            auto objects = make_array<Tracked>(100);
            REQUIRE(objects);
            CHECK(Tracked::alive == 100);
            CHECK((*objects)[99].value == 42);
            Array<Tracked> moved{std::move(*objects)};
            CHECK(moved.size() == 100);
            CHECK(objects->size() == 0);
        }
        CHECK(Tracked::alive == 0);
        auto dirty = make_array<std::uint64_t>(1000);
        REQUIRE(dirty);
        std::memset(dirty->data(), 0xff, 8000);
        dirty = make_array<std::uint64_t>(0);
        auto zeros = make_array<std::uint64_t>(1000);
        REQUIRE(zeros);
        bool all_zero = true;
        for (const std::uint64_t word : *zeros) {
            all_zero = all_zero && word == 0;
        }
        CHECK(all_zero);
    }

    TEST_CASE("whichever allocation fails, nothing is left behind") {
        const auto sweep = fault_injection::for_each_failing_allocation([]() -> Result<void> {
            const auto first = TRY(make<Tracked>(1));
            const auto second = TRY(make_array<Tracked>(100));
            const auto third = TRY(make_array<std::byte>(100'000));
            return {};
        });
        CHECK(sweep.failures >= 5);
        CHECK(sweep.leaks == 0);
        CHECK(sweep.silent == 0);
        CHECK(sweep.succeeded);
        CHECK(Tracked::alive == 0);
    }

    TEST_CASE("negative control: a leak and a swallowed error are noticed") {
        static void* leaked[64];
        std::size_t count = 0;
        const auto sweep = fault_injection::for_each_failing_allocation([&]() -> Result<void> {
            if (const auto memory = heap::allocate(24)) {
                leaked[count++] = *memory;
            }
            (void)make<Tracked>(1);
            return {};
        });
        CHECK(sweep.leaks > 0);
        CHECK(sweep.leaked != "");
        CHECK(sweep.silent == sweep.failures);
        CHECK(count > 0);
        while (count > 0) {
            heap::free(leaked[--count]);
        }
    }

    TEST_CASE("a pointer into a block's middle stops the machine" * expect_panic("is inside a block")) {
        const auto memory = heap::allocate(10'000);
        REQUIRE(memory);
        heap::free(static_cast<std::byte*>(*memory) + 16);
    }
}

} // namespace
} // namespace heddle::test
