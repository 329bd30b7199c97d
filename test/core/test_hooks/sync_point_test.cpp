// SPDX-License-Identifier: BSD-2-Clause
// Traps at sync points: what other tests rely on to make their races.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

namespace heddle::test {
namespace {

using core::cpu::current;
using core::test_hooks::sync_point;
using core::test_hooks::Trap;

void count(void* counter) {
    *static_cast<int*>(counter) += 1;
}

TEST_CASE("a trap springs once, at its name, for its CPUs") {
    int calls = 0;
    const CpuSet here = CpuSet::of(current().id);
    sync_point("test: here");
    const Trap trap{"test: here", here, count, &calls};
    const Trap elsewhere{"test: here", CpuSet::from_bits(~here.bits()), count, &calls};
    sync_point("test: there");
    CHECK(calls == 0);
    CHECK_FALSE(trap.sprung());
    sync_point("test: here");
    CHECK(calls == 1);
    CHECK(trap.sprung());
    CHECK_FALSE(elsewhere.sprung());
    sync_point("test: here");
    CHECK(calls == 1);
}

TEST_CASE("a trap that is taken away does not spring, and its slot is free again") {
    int calls = 0;
    for (std::size_t i = 0; i < 3 * Trap::limit; ++i) {
        Trap trap{"test: here", CpuSet::of(current().id), count, &calls};
        trap.release();
        sync_point("test: here");
        CHECK_FALSE(trap.sprung());
    }
    CHECK(calls == 0);
}

TEST_CASE("waiting for a trap that nobody comes to times out") {
    const Trap trap{"test: nowhere", CpuSet::of(current().id)};
    CHECK(trap.wait_until_sprung(0).error() == Error::timed_out);
}

TEST_CASE("two traps at one place spring both, for one visit") {
    int first = 0;
    int second = 0;
    const CpuSet here = CpuSet::of(current().id);
    const Trap a{"test: here", here, count, &first};
    const Trap b{"test: here", here, count, &second};
    sync_point("test: here");
    CHECK(first == 1);
    CHECK(second == 1);
}

TEST_CASE("a CPU is held until it is released") {
    if (!have_cpus(2)) {
        return;
    }
    std::atomic<int> progress{0};
    Trap trap{"test: hold", core::cpu::online()};
    const Background other{[&] {
        progress = 1;
        sync_point("test: hold");
        progress = 2;
    }};
    const auto held = trap.wait_until_sprung();
    REQUIRE(held);
    CHECK(*held != current().id);
    const Nanoseconds end = core::time::now() + 5_ms;
    while (core::time::now() < end) {
        machine::pause();
    }
    CHECK(progress == 1);
    trap.release();
    CHECK(eventually([&] { return progress == 2; }));
}

} // namespace
} // namespace heddle::test
