// SPDX-License-Identifier: BSD-2-Clause
// The test floor itself: what the other suites trust must notice what it is there to notice.
#include "core/cpu/cpu_local.hpp"
#include "core/memory/heap.hpp"
#include "core/time/deadline_queue.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/event_log.hpp"
#include "test/floor/failing_allocations.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/live_counters.hpp"
#include "test/floor/virtual_clock.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

namespace heap = core::memory::heap;
namespace fault_injection = core::memory::fault_injection;

TEST_SUITE_BEGIN("floor");

TEST_CASE("the virtual clock stands still until it is moved, and fires on the way") {
    VirtualClock clock{100_ns};
    EventLog<8> log;

    struct Context {
        VirtualClock& clock;
        EventLog<8>& log;
    } context{clock, log};

    clock.set_deadline_handler({[](void* argument) {
                                    auto& c = *static_cast<Context*>(argument);
                                    c.log.record("fired", c.clock.now().value);
                                    c.log.record("interrupts", machine::interrupts_enabled() ? 1 : 0);
                                    if (c.clock.now() < 250_ns) {
                                        c.clock.set_deadline(c.clock.now() + 50_ns);
                                    }
                                },
                                &context});
    CHECK(clock.now() == 100_ns);
    clock.set_deadline(200_ns);
    clock.advance(99_ns);
    CHECK(clock.times_fired() == 0);
    clock.advance(101_ns);
    const std::array expected{Event{"fired", 200}, Event{"interrupts", 0}, Event{"fired", 250},
                              Event{"interrupts", 0}};
    CHECK(std::ranges::equal(log.events(), expected));
    CHECK(clock.now() == 300_ns);
    CHECK(clock.deadline() == Nanoseconds::never());
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("a deadline queue runs on the virtual clock") {
    VirtualClock clock;
    core::time::DeadlineQueue queue{clock};
    clock.set_deadline_handler(
        {[](void* argument) { static_cast<core::time::DeadlineQueue*>(argument)->expire(); }, &queue});
    unsigned fired = 0;
    core::time::Deadline deadline{[](void* argument) { ++*static_cast<unsigned*>(argument); }, &fired};
    queue.set(deadline, 1_ms);
    clock.advance(999'999_ns);
    CHECK(fired == 0);
    clock.advance(1_ns);
    CHECK(fired == 1);
}

TEST_CASE("the event log keeps the first events in order and counts what it could not keep") {
    EventLog<3> log;
    for (std::uint64_t i = 0; i < 5; ++i) {
        log.record("step", i);
    }
    CHECK(log.size() == 3);
    CHECK(log.lost() == 2);
    CHECK(log.events()[2] == Event{"step", 2});
    log.clear();
    CHECK(log.size() == 0);
    CHECK(log.lost() == 0);
}

constinit void* left_behind = nullptr;

// The negative control of the baseline check: each way through this case is checked on its own, and both must
// fail.
TEST_CASE("a case that leaves an object behind, or takes one away, fails" * doctest::expected_failures(2) *
          doctest::no_output()) {
    SUBCASE("leaves one behind") {
        left_behind = heap::allocate(100).value_or(nullptr);
    }
    SUBCASE("takes one away") {
        heap::free(left_behind);
    }
}

TEST_CASE("a case that leaves interrupts off fails" * doctest::expected_failures(1) * doctest::no_output()) {
    machine::disable_interrupts();
}

TEST_CASE("a case that ends early with interrupts off fails" * doctest::expected_failures(1) *
          doctest::no_output()) {
    machine::disable_interrupts();
    FAIL("on purpose");
}

TEST_CASE("interrupts are on again after the cases above") {
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("an assertion in an interrupt handler is refused" *
          expect_panic("an assertion in an interrupt handler")) {
    machine::disable_interrupts(); // a real one would find itself inside of this one
    ++core::cpu::current().interrupt_depth;
    CHECK(true);
}

TEST_CASE("a case that gives back what it took passes") {
    const LiveCounters counters;
    void* memory = heap::allocate(100).value_or(nullptr);
    REQUIRE(memory != nullptr);
    CHECK(counters.difference().has_value());
    heap::free(memory);
    CHECK_FALSE(counters.difference().has_value());
}

/// What allocate_twice() left behind.
struct Leaks {
    std::array<void*, 16> memory{};
    std::size_t count = 0;

    void add(void* block) {
        memory.at(count) = block;
        ++count;
    }

    void free_all() {
        for (void* block : memory) {
            heap::free(block);
        }
    }
};

/// Two allocations, given back in any case but what the arguments say: where to leak the first when the
/// second fails, and whether to keep quiet about that.
Result<void> allocate_twice(Leaks* leaks, bool silent) {
    void* first = TRY(heap::allocate(64));
    const auto second = heap::allocate(3000);
    if (second.has_value()) {
        heap::free(*second);
    }
    if (second.has_value() || leaks == nullptr) {
        heap::free(first);
    } else {
        leaks->add(first);
    }
    return second.has_value() || silent ? Result<void>{} : fail(second.error());
}

TEST_CASE("a sweep of failing allocations reaches each of them") {
    CHECK(check_each_failing_allocation([] { return allocate_twice(nullptr, false); }) >= 2);
}

TEST_CASE("a sweep notices a leak on the way out of a failure") {
    Leaks leaks;
    const auto sweep =
        fault_injection::for_each_failing_allocation([&] { return allocate_twice(&leaks, false); });
    leaks.free_all();
    CHECK(leaks.count > 0);
    CHECK(sweep.leaks >= leaks.count);
    CHECK_FALSE(sweep.leaked.empty());
}

TEST_CASE("a sweep notices a failure that nobody reports") {
    const auto sweep =
        fault_injection::for_each_failing_allocation([] { return allocate_twice(nullptr, true); });
    CHECK(sweep.silent > 0);
}

TEST_CASE("the tests' own containers do not fail with the kernel's allocations") {
    fault_injection::arm(1);
    const std::string text(500, 'x');
    CHECK_FALSE(fault_injection::disarm());
    CHECK(text.size() == 500);
}

TEST_CASE("the run's surroundings are there") {
    const Nanoseconds before = env().now();
    CHECK(env().now() >= before);
    CHECK(env().command_line().text().data() != nullptr);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
