// SPDX-License-Identifier: BSD-2-Clause
// A deadline on every CPU, also on those that sleep, whose handler leaves its time and looks at everybody
// else's.
//
// What it cannot see: the only CPU with interrupts off, or all of them; the host's time limit and QEMU's
// monitor (tools/heddle/vm.py) tell then where each stands.
#include "core/watchdog/watchdog.hpp"

#include "core/boot/command_line.hpp"
#include "core/component/component.hpp"
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/cpu_state.hpp"
#include "core/log/log.hpp"
#include "core/panic.hpp"
#include "core/time/deadlines.hpp"
#include "lib/config.hpp"
#include "lib/manual.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace heddle::core::watchdog {
namespace {

HEDDLE_OPTION(watchdog_option){
    "watchdog",
    "SECONDS: how long a CPU may hang before the machine ends with a report; 0: for ever; default: 30 in "
    "the test image, else 0"};

HEDDLE_OPTION(work_limit_option){"work_limit",
                                 "SECONDS: how long a test case may take; default: twice the watchdog's"};

/// Long, because a busy host may take a virtual CPU's processor away for seconds.
constexpr std::uint64_t default_seconds = config::test_floor ? 30 : 0;
constexpr std::uint64_t most_seconds = 1'000'000;
constexpr std::uint64_t looks_per_limit = 8;

/// What one CPU's handler leaves for the others, in nanoseconds; 0: not watched yet. Relaxed throughout: each
/// is a time by itself, and hands over no other memory.
struct alignas(64) Watched {
    std::atomic<std::uint64_t> interrupted{0}; ///< when the handler ran last
    std::atomic<std::uint64_t> quiescent{0};   ///< … and found that this CPU keeps nobody waiting
    std::uint64_t announced = 0;               ///< the CPU's own: what it had announced by then
    Manual<time::Deadline> deadline;
};

constinit std::array<Watched, CpuId::limit> watched{};
constinit time::Deadlines* deadlines = nullptr;
constinit time::ClockDevice* clock = nullptr;
/// Nanoseconds; relaxed, a figure.
constinit std::atomic<std::uint64_t> limit_now{0};
/// Nanoseconds for a piece of work; 0: twice limit_now. Written once.
constinit std::uint64_t work_limit = 0;
/// Set by the CPU that reports. Relaxed: only the first counts.
constinit std::atomic<bool> reported{false};

/// The piece of work, and when it began.
constinit std::atomic<const char*> work{nullptr};
constinit std::atomic<std::uint64_t> work_began{0};

std::uint64_t milliseconds(std::uint64_t nanoseconds) {
    return nanoseconds / 1'000'000;
}

/// Whether `since` is more than `span` before `now`; not when nothing was noted, nor when another CPU was
/// quicker.
bool is_overdue(std::uint64_t since, std::uint64_t now, std::uint64_t span) {
    return since != 0 && now > since && now - since > span;
}

/// Whether it is for the caller to report: two that find the same CPU hanging must not both stop the others.
bool is_first() {
    return !reported.exchange(true, std::memory_order_relaxed);
}

void look_at(CpuId cpu, std::uint64_t now, std::uint64_t span) {
    const std::uint64_t interrupted = watched[cpu.value].interrupted.load(std::memory_order_relaxed);
    if (is_overdue(interrupted, now, span) && is_first()) {
        // Of CPUs that wait for each other's locks all are overdue; the last one is the one that hangs.
        const CpuId hangs = last_waited_for(cpu);
        panic("watchdog: CPU {} has taken no interrupt for {} ms", hangs.value,
              milliseconds(now - watched[hangs.value].interrupted.load(std::memory_order_relaxed)));
    }
    const std::uint64_t quiescent = watched[cpu.value].quiescent.load(std::memory_order_relaxed);
    // A little longer: who waits in a read section for a CPU that hangs is not the one to be named.
    if (is_overdue(quiescent, now, span + span / 4) && is_first()) {
        panic("watchdog: CPU {} has passed no quiescent point for {} ms, and somebody waits for one",
              cpu.value, milliseconds(now - quiescent));
    }
}

void look_at_work(std::uint64_t now, std::uint64_t span) {
    // Acquire: pairs with the release in begin_work(), the name goes with its time.
    const std::uint64_t began = work_began.load(std::memory_order_acquire);
    const char* const name = work.load(std::memory_order_relaxed);
    if (name != nullptr && is_overdue(began, now, work_limit != 0 ? work_limit : 2 * span) && is_first()) {
        panic("watchdog: '{}' has not ended after {} ms", std::string_view{name}, milliseconds(now - began));
    }
}

void note(Watched& self, std::uint64_t now) {
    self.interrupted.store(now, std::memory_order_relaxed);
    const cpu::CpuLocal& here = cpu::current();
    const std::uint64_t announced = here.quiescence.announced.load(std::memory_order_relaxed);
    const bool passed = announced != self.announced || announced == cpu::newest_stamp().value;
    self.announced = announced;
    if (passed || here.preemption_disabled == 0) {
        self.quiescent.store(now, std::memory_order_relaxed);
    }
}

/// Interrupt context, on each CPU.
void look(void*) {
    const std::uint64_t span = limit_now.load(std::memory_order_relaxed);
    if (span == 0) {
        return;
    }
    const std::uint64_t now = clock->now().value;
    Watched& self = watched[cpu::current().id.value];
    note(self, now);
    for (const CpuId cpu : cpu::online()) {
        look_at(cpu, now, span);
    }
    look_at_work(now, span);
    deadlines->own().set(*self.deadline, Nanoseconds{now + span / looks_per_limit});
}

/// Interrupt context, on each CPU: begins its time anew.
void begin_here(void*) {
    Watched& self = watched[cpu::current().id.value];
    const std::uint64_t now = clock->now().value;
    self.interrupted.store(now, std::memory_order_relaxed);
    self.quiescent.store(now, std::memory_order_relaxed);
    const std::uint64_t span = limit_now.load(std::memory_order_relaxed);
    deadlines->own().set(*self.deadline, Nanoseconds{now + span / looks_per_limit});
}

std::uint64_t wanted_seconds(const boot::CommandLine& command_line, std::string_view option,
                             std::uint64_t otherwise) {
    const auto wanted = command_line.number(option);
    if (wanted) {
        return std::min(*wanted, most_seconds);
    }
    if (wanted.error() != Error::not_found) {
        log::warning("{}={}: not a number of seconds", option, command_line.value(option).value_or(""));
    }
    return otherwise;
}

Result<void> start_component(component::Wiring& wiring) {
    clock = &wiring.get<time::ClockDevice>();
    deadlines = &wiring.get<time::Deadlines>();
    for (Watched& each : watched) {
        each.deadline.construct(look, nullptr);
    }
    const boot::CommandLine& command_line = wiring.command_line();
    limit_now.store((1_s).value * wanted_seconds(command_line, "watchdog", default_seconds),
                    std::memory_order_relaxed);
    work_limit = (1_s).value * wanted_seconds(command_line, "work_limit", 0);
    return {};
}

/// Each CPU's handler is the last one.
void stop_component() {
    limit_now.store(0, std::memory_order_relaxed);
    deadlines->own().cancel(*watched[cpu::current().id.value].deadline);
}

} // namespace

void start() {
    if (limit().value != 0) {
        cpu::call(cpu::online(), begin_here, nullptr);
    }
}

void set_limit(Nanoseconds limit) {
    if (limit_now.load(std::memory_order_relaxed) != 0) {
        limit_now.store(limit.value, std::memory_order_relaxed);
        start();
    }
}

Nanoseconds limit() {
    return Nanoseconds{limit_now.load(std::memory_order_relaxed)};
}

void begin_work(const char* name) {
    work.store(name, std::memory_order_relaxed);
    // Release: pairs with the acquire in look_at_work().
    work_began.store(clock->now().value, std::memory_order_release);
}

void end_work() {
    work.store(nullptr, std::memory_order_relaxed);
}

HEDDLE_COMPONENT(watchdog_component){
    .name = "watchdog",
    .provides = {},
    .needs = component::interfaces<time::Deadlines, time::ClockDevice>,
    .start = start_component,
    .stop = stop_component,
};

} // namespace heddle::core::watchdog
