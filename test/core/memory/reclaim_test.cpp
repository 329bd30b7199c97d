// SPDX-License-Identifier: BSD-2-Clause
// What CPUs keep at hand comes back from all of them, and only from those that keep any.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/memory/counters.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/reclaim.hpp"
#include "core/memory/slab.hpp"
#include "core/sync/interrupts_off.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>

namespace heddle::test {
namespace {

using namespace core::memory;
using core::cpu::local;
using core::cpu::online;

struct Thing {
    std::uint64_t value = 0;
};

/// Allocates and frees an object and a frame on each of `cpus`, so that they keep both at hand.
void use(SlabCache<Thing>& cache, CpuSet cpus) {
    core::cpu::call(
        cpus,
        [](void* argument) {
            auto& things = *static_cast<SlabCache<Thing>*>(argument);
            if (const auto thing = things.allocate()) {
                things.free(*thing);
            }
            if (const auto frame = frames().allocate()) {
                frames().free(*frame);
            }
        },
        &cache);
}

bool keeps_frames(CpuId cpu) {
    return local(cpu).frames.count.load() != 0;
}

bool keeps_objects(CpuId cpu) {
    return std::ranges::any_of(local(cpu).magazines.loaded,
                               [](const auto& each) { return each.load() != nullptr; });
}

TEST_CASE("what every CPU keeps at hand comes back, and the counters are where they were") {
    SlabCache<Thing> cache{"things"};
    cache.free(*cache.allocate());
    const auto baseline = counters::snapshot();
    const std::uint64_t free_frames = frames().buddy().free_frames();
    use(cache, online());
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        CHECK(keeps_frames(cpu));
        CHECK(keeps_objects(cpu));
    }
    CHECK(frames().buddy().free_frames() < free_frames);
    CHECK_FALSE(counters::first_difference(baseline));
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        CHECK_FALSE(keeps_frames(cpu));
        CHECK_FALSE(keeps_objects(cpu));
    }
    CHECK(frames().buddy().free_frames() == free_frames);
}

TEST_CASE("a CPU that keeps nothing is not interrupted for it") {
    if (!have_cpus(2)) {
        return;
    }
    SlabCache<Thing> cache{"things"};
    reclaim();
    const std::uint64_t before = core::cpu::notification_count();
    use(cache, CpuSet::of(CpuId{0}));
    reclaim();
    CHECK(core::cpu::notification_count() == before);
    const CpuId other = *online().without(CpuId{0}).begin();
    use(cache, CpuSet::of(other));
    const std::uint64_t used = core::cpu::notification_count();
    reclaim();
    CHECK(core::cpu::notification_count() == used + 1);
    CHECK_FALSE(keeps_frames(other));
}

TEST_CASE("with interrupts off, when locks may be held, only the CPU's own comes back") {
    SlabCache<Thing> cache{"things"};
    reclaim();
    use(cache, online());
    {
        const core::sync::InterruptsOff off;
        reclaim();
        for (const CpuId cpu : online()) {
            CAPTURE(cpu);
            CHECK(keeps_frames(cpu) == (cpu != core::cpu::current().id));
        }
    }
}

TEST_CASE("memory that only another CPU keeps is found when there is no other") {
    if (!have_cpus(2)) {
        return;
    }
    SlabCache<Thing> cache{"things"};
    reclaim();
    const auto block = frames().allocate();
    REQUIRE(block);
    std::uint64_t count = 1;
    std::uint32_t list = static_cast<std::uint32_t>(block->value);
    const CpuId other = *online().without(CpuId{0}).begin();
    use(cache, CpuSet::of(other));
    CHECK(keeps_frames(other));
    for (auto frame = frames().allocate(); frame; frame = frames().allocate()) {
        frames().info(*frame).next = list;
        list = static_cast<std::uint32_t>(frame->value);
        ++count;
    }
    CHECK(frames().available() == 0);
    CHECK_FALSE(keeps_frames(other));
    for (; count != 0; --count) {
        const Frame frame{list};
        list = frames().info(frame).next;
        frames().free(frame);
    }
}

} // namespace
} // namespace heddle::test
