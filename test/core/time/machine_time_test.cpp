// SPDX-License-Identifier: BSD-2-Clause
// The machine's own clock and timer through the interfaces that everybody uses.
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/time/deadlines.hpp"
#include "core/time/monotonic.hpp"
#include "machine/cpu.hpp"
#include "test/core/time/machine_time.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core::time;

/// What these cases use of the booted machine.
struct Parts {
    ClockDevice* clock = nullptr;
    DeadlineQueue* deadlines = nullptr;
    WallClock* wall_clock = nullptr;
};

constinit Parts parts;

Result<void> start(core::component::Wiring& wiring) {
    parts = {&wiring.get<ClockDevice>(), &wiring.get<Deadlines>().own(), &wiring.get<WallClock>()};
    return {};
}

HEDDLE_COMPONENT(machine_time_test){
    .name = "machine-time-test",
    .provides = {},
    .needs = core::component::interfaces<ClockDevice, Deadlines, WallClock>,
    .start = start,
};

} // namespace

ClockDevice& machine_clock() {
    return *parts.clock;
}

DeadlineQueue& machine_deadlines() {
    return *parts.deadlines;
}

WallClock& machine_wall_clock() {
    return *parts.wall_clock;
}

namespace {

/// A deadline that notes when, where and in which state it ran.
struct Alarm {
    Deadline deadline{[](void* argument) {
                          auto& self = *static_cast<Alarm*>(argument);
                          self.fired_at = machine_clock().now();
                          self.in_interrupt = core::cpu::in_interrupt();
                          self.interrupts_off = !machine::interrupts_enabled();
                          self.fired = true;
                      },
                      this};
    Nanoseconds fired_at{};
    bool in_interrupt = false;
    bool interrupts_off = false;
    volatile bool fired = false;

    void wait() const {
        while (!fired) {
            machine::wait_for_interrupt();
        }
    }
};

TEST_CASE("machine clock: it moves on and never back") {
    const Nanoseconds start = machine_clock().now();
    Nanoseconds last = start;
    bool forward = true;
    while (last < start + 2_ms) {
        const Nanoseconds now = machine_clock().now();
        forward = forward && now >= last;
        last = now;
    }
    CHECK(forward);
    CHECK(machine_clock().resolution() > 0_ns);
    CHECK(machine_clock().resolution() <= 1_us);
    CHECK(core::time::now() >= last);
}

TEST_CASE("machine clock: a busy wait lasts as long as asked") {
    const Nanoseconds start = machine_clock().now();
    wait(machine_clock(), 200_us);
    CHECK(machine_clock().now() - start >= 200_us);
}

TEST_CASE("deadlines: a real one fires in an interrupt, not before its time") {
    Alarm alarm;
    const Nanoseconds when = machine_clock().now() + 2_ms;
    machine_deadlines().set(alarm.deadline, when);
    alarm.wait();
    CHECK(alarm.fired_at >= when);
    CHECK(alarm.in_interrupt);
    CHECK(alarm.interrupts_off);
    CHECK(machine::interrupts_enabled());
    CHECK_FALSE(core::cpu::in_interrupt());
}

TEST_CASE("deadlines: a past one fires at once, an earlier one overtakes") {
    Alarm past, late, early;
    machine_deadlines().set(past.deadline, 0_ns);
    past.wait();
    {
        // However long the host takes for this: the late one may not come before the early one is set.
        const core::sync::InterruptsOff off;
        const Nanoseconds now = machine_clock().now();
        machine_deadlines().set(late.deadline, now + 3_ms);
        machine_deadlines().set(early.deadline, now + 1_ms);
    }
    late.wait();
    CHECK(early.fired);
    CHECK(early.fired_at <= late.fired_at);
}

TEST_CASE("deadlines: a real one that is cancelled stays quiet") {
    Alarm cancelled, later;
    const Nanoseconds now = machine_clock().now();
    machine_deadlines().set(cancelled.deadline, now + 1_ms);
    machine_deadlines().set(later.deadline, now + 3_ms);
    const bool was_set = machine_deadlines().cancel(cancelled.deadline);
    later.wait();
    CHECK(was_set != cancelled.fired);
}

TEST_CASE("wall clock: it says a time of this century or later that moves with the monotonic clock") {
    const WallTime before = machine_wall_clock().now();
    wait(machine_clock(), 1_ms);
    const WallTime after = machine_wall_clock().now();
    CHECK(to_civil(before.seconds).year >= 2024);
    const auto nanoseconds = [](WallTime t) { return t.seconds * 1'000'000'000 + t.nanoseconds; };
    CHECK(nanoseconds(after) - nanoseconds(before) >= 1'000'000);
}

} // namespace
} // namespace heddle::test
