// SPDX-License-Identifier: BSD-2-Clause
// Waiting on the kernel's thread: for time, for a stop, with the console served meanwhile.
#include "core/console/console.hpp"
#include "core/log/log.hpp"
#include "core/time/wait.hpp"
#include "machine/cpu.hpp"
#include "test/core/time/machine_time.hpp"
#include "test/floor/captured_console.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::time::Deadline;
using core::time::wait_until;

TEST_CASE("wait: it lasts until its time and leaves interrupts on") {
    core::StopToken stop;
    const Nanoseconds when = machine_clock().now() + 2_ms;
    wait_until(machine_deadlines(), stop, when);
    CHECK(machine_clock().now() >= when);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("wait: a time that is past returns at once") {
    core::StopToken stop;
    wait_until(machine_deadlines(), stop, 0_ns);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("wait: a stop that an interrupt requests ends a wait for ever, at once") {
    core::StopToken stop;
    Deadline request{[](void* token) { static_cast<core::StopToken*>(token)->request_stop(); }, &stop};
    machine_deadlines().set(request, machine_clock().now() + 1_ms);
    wait_until(machine_deadlines(), stop, Nanoseconds::never());
    CHECK(stop.stop_requested());
}

TEST_CASE("wait: what an interrupt handler logged is printed while we wait") {
    core::StopToken stop;
    bool printed = false;
    {
        CapturedConsole captured;
        Deadline logging{[](void*) { core::log::info("from the timer"); }, nullptr};
        const Nanoseconds now = machine_clock().now();
        machine_deadlines().set(logging, now + 1_ms);
        wait_until(machine_deadlines(), stop, now + 3_ms);
        printed = captured.contains("from the timer\r\n");
    }
    CHECK(printed);
}

TEST_CASE("wait: a command that is typed meanwhile is run") {
    core::StopToken stop;
    bool run = false;
    {
        CapturedConsole captured{"help\r"};
        Deadline typing{[](void*) { core::console::receive_input(); }, nullptr};
        const Nanoseconds now = machine_clock().now();
        machine_deadlines().set(typing, now + 1_ms);
        wait_until(machine_deadlines(), stop, now + 3_ms);
        run = captured.contains("this list\r\n");
    }
    CHECK(run);
}

} // namespace
} // namespace heddle::test
