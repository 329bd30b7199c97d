// SPDX-License-Identifier: BSD-2-Clause
// Live-object counters.
#include "core/memory/counters.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/slab.hpp"
#include "test/floor/floor.hpp"

namespace heddle::test {
namespace {

using namespace core::memory;

TEST_SUITE("core/memory: counters") {
    TEST_CASE("a listed counter is seen, compared with its baseline, and gone when it is removed") {
        counters::LiveCounter things{"things"};
        counters::add(things);
        const auto baseline = counters::snapshot();
        CHECK_FALSE(counters::first_difference(baseline));
        things.increment();
        things.increment();
        const auto difference = counters::first_difference(baseline).value_or(counters::Difference{});
        CHECK(difference.name == "things");
        CHECK(difference.before == 0);
        CHECK(difference.now == 2);
        things.decrement();
        things.decrement();
        CHECK_FALSE(counters::first_difference(baseline));
        counters::remove(things);
        bool seen = false;
        counters::for_each(
            [&](const counters::Reading& reading) { seen = seen || reading.counter == &things; });
        CHECK_FALSE(seen);
    }

    TEST_CASE("a counter that is listed after the baseline counts from 0") {
        const auto baseline = counters::snapshot();
        counters::LiveCounter late{"late"};
        counters::add(late);
        CHECK_FALSE(counters::first_difference(baseline));
        late.increment();
        CHECK(counters::first_difference(baseline));
        late.decrement();
        counters::remove(late);
    }

    TEST_CASE("frames and each cache have a counter; an owned frame shows, a cached one does not") {
        SlabCache<std::uint64_t> cache{"seen"};
        cache.free(*cache.allocate());
        bool frames_seen = false;
        bool cache_seen = false;
        counters::for_each([&](const counters::Reading& reading) {
            frames_seen = frames_seen || (reading.name == "frames" && reading.live > 0);
            cache_seen = cache_seen || (reading.name == "seen" && reading.live == 0);
        });
        CHECK(frames_seen);
        CHECK(cache_seen);
        const auto baseline = counters::snapshot();
        const auto frame = frames().allocate();
        REQUIRE(frame);
        const auto difference = counters::first_difference(baseline).value_or(counters::Difference{});
        CHECK(difference.name == "frames");
        CHECK(difference.now == difference.before + 1);
        frames().free(*frame);
        CHECK_FALSE(counters::first_difference(baseline));
    }
}

} // namespace
} // namespace heddle::test
