// SPDX-License-Identifier: BSD-2-Clause
// The generic timer, and the arithmetic between its steps and nanoseconds.
#include "access.hpp"
#include "core/machine/machine.hpp"
#include "machine/cpu.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "time/scale.hpp"

#include <algorithm>
#include <atomic>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using aarch64::CounterScale;
using core::time::Deadline;

/// A deadline that notes when it came.
struct Alarm {
    std::atomic<bool> fired{false};
    Nanoseconds at{};
    Deadline deadline{[](void* argument) {
                          Alarm& alarm = *static_cast<Alarm*>(argument);
                          alarm.at = clock_device().now();
                          alarm.fired.store(true, std::memory_order_release);
                      },
                      this};

    void wait() const {
        while (!fired.load(std::memory_order_acquire)) {
            machine::disable_interrupts();
            if (fired.load(std::memory_order_acquire)) {
                machine::enable_interrupts();
                return;
            }
            machine::wait_for_interrupt();
        }
    }
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("the clock never goes backward and moves on") {
    const Nanoseconds first = clock_device().now();
    Nanoseconds last = first;
    for (unsigned i = 0; i < 100'000; ++i) {
        const Nanoseconds now = clock_device().now();
        REQUIRE(now >= last);
        last = now;
    }
    CHECK(last > first);
    CHECK(last - first < 60_s);
}

TEST_CASE("the timer fires, never early, and wakes a CPU that sleeps") {
    for (const Nanoseconds delay : {0_ns, 1_us, 100_us, 2_ms, 20_ms}) {
        Alarm alarm;
        const Nanoseconds due = clock_device().now() + delay;
        deadlines().set(alarm.deadline, due);
        alarm.wait();
        CAPTURE(delay);
        CHECK(alarm.at >= due);
        CHECK(alarm.at - due < 5_s);
    }
}

TEST_CASE("a deadline that was disarmed does not come") {
    Alarm alarm;
    deadlines().set(alarm.deadline, clock_device().now() + 1_ms);
    CHECK(deadlines().cancel(alarm.deadline));
    Alarm later;
    deadlines().set(later.deadline, clock_device().now() + 3_ms);
    later.wait();
    CHECK_FALSE(alarm.fired.load(std::memory_order_acquire));
}

TEST_CASE("steps become time and back for every plausible rate: no deadline is early, none two steps late") {
    for (const std::uint64_t rate :
         {1'000'000UL, 19'200'000UL, 24'000'000UL, 62'500'000UL, 999'999'937UL, 1'000'000'000UL}) {
        const CounterScale scale{rate};
        CAPTURE(rate);
        CHECK(scale.to_time(0) == 0_ns);
        for (std::uint64_t time = 1; time < 1'000'000'000'000'000; time = time * 7 + 3) {
            const std::uint64_t steps = scale.to_steps(Nanoseconds{time});
            CAPTURE(time);
            CHECK(scale.to_time(steps) + 1_ns >= Nanoseconds{time});
            const Nanoseconds late = scale.to_time(steps) - std::min(scale.to_time(steps), Nanoseconds{time});
            CHECK(late.value <= 2 * scale.resolution().value + 1);
        }
    }
}

TEST_CASE("the wall clock's chip or firmware gives a plausible time") {
    const auto seconds = machine::read_real_time_clock(env().boot_info());
    REQUIRE(seconds.has_value());
    CHECK(*seconds > 1'704'000'000); // the last of 2023
    CHECK(*seconds < 4'102'444'800); // 2100
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
