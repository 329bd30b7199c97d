// SPDX-License-Identifier: BSD-2-Clause
// Epochs and announcements: who holds a stamp back, for how long, and in which order a CPU catches up.
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/cpu/tick.hpp"
#include "core/interrupt/context.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/read_section.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "core/time/deadlines.hpp"
#include "test/floor/background.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"

namespace heddle::test {
namespace {

using namespace core::cpu;
using core::sync::InterruptsOff;
using core::sync::ReadSection;
using core::test_hooks::Trap;

constinit core::time::Deadlines* all_deadlines = nullptr;

Result<void> look_up(core::component::Wiring& wiring) {
    all_deadlines = &wiring.get<core::time::Deadlines>();
    return {};
}

HEDDLE_COMPONENT(quiescence_test_component){
    .name = "test-quiescence",
    .provides = {},
    .needs = core::component::interfaces<core::time::Deadlines>,
    .start = look_up,
};

CpuSet this_cpu() {
    return CpuSet::of(current().id);
}

bool away() {
    return current().quiescence.away.load(std::memory_order_relaxed);
}

TEST_CASE("a stamp has passed when this CPU has been at a quiescent point") {
    const InterruptsOff off; // no tick in between
    const Stamp stamp = retire();
    CHECK(newest_stamp() >= stamp);
    CHECK_FALSE(passed(stamp));
    quiesce();
    CHECK(eventually([&] { return passed(stamp); }));
}

TEST_CASE("stamps are in the order of retirement") {
    const Stamp first = retire();
    const Stamp second = retire();
    CHECK(first < second);
    CHECK(newest_stamp() >= second);
}

TEST_CASE("a CPU that is away holds nobody back, and has caught up when it is back") {
    const InterruptsOff off;
    go_away();
    const Stamp stamp = retire();
    CHECK(eventually([&] { return passed(stamp); }));
    CHECK(come_back());
    CHECK_FALSE(away());
    CHECK(current().quiescence.announced.load(std::memory_order_relaxed) >= stamp.value);
    CHECK_FALSE(come_back()); // nothing to do
}

TEST_CASE("a CPU that has said that it is back, but has not announced yet, holds stamps back") {
    const InterruptsOff off;

    struct {
        Stamp stamp;
        bool passed_while_away = false;
        bool passed_on_the_way = true;
    } seen;

    seen.stamp = retire();
    go_away();
    Trap trap{"come_back: not away", this_cpu(),
              [](void* argument) {
                  auto& s = *static_cast<decltype(seen)*>(argument);
                  s.passed_on_the_way = passed(s.stamp);
              },
              &seen};
    seen.passed_while_away = eventually([&] { return passed(seen.stamp); });
    come_back();
    CHECK(trap.sprung());
    CHECK(seen.passed_while_away);
    CHECK_FALSE(seen.passed_on_the_way);
    // Others that wake from being away hold it back until they have announced.
    CHECK(eventually([&] { return passed(seen.stamp); }));
}

TEST_CASE("what is retired after a quiescent point has read the epoch waits for the next") {
    const InterruptsOff off;
    Stamp later;
    retire();
    for (const char* where : {"quiesce: epoch read", "quiesce: invalidated"}) {
        CAPTURE(where);
        retire();
        const Trap trap{where, this_cpu(), [](void* stamp) { *static_cast<Stamp*>(stamp) = retire(); },
                        &later};
        quiesce();
        REQUIRE(trap.sprung());
        CHECK_FALSE(passed(later));
        quiesce();
        CHECK(eventually([&] { return passed(later); }));
    }
}

TEST_CASE("the tick is a quiescent point unless it interrupts a read section") {
    const InterruptsOff off;
    const Stamp stamp = retire();
    {
        const ReadSection outer;
        {
            const ReadSection inner;
            tick();
        }
        tick();
        CHECK_FALSE(passed(stamp));
    }
    tick();
    CHECK(eventually([&] { return passed(stamp); }));
}

TEST_CASE("a busy CPU passes by its tick, without doing anything for it") {
    const Stamp stamp = retire();
    const Nanoseconds begin = core::time::now();
    CHECK(eventually([&] { return passed(stamp); }));
    // Under a host that is busy itself, late is no mistake: only "much too late to be the tick" would be.
    CHECK(core::time::now() - begin < 2_s);
}

TEST_CASE("a read section holds its CPU's ticks back, and no longer than it lasts") {
    Stamp stamp;
    {
        const ReadSection section;
        stamp = retire();
        const Nanoseconds end = core::time::now() + tick_period + tick_period + tick_period;
        while (core::time::now() < end) {
            machine::pause();
        }
        CHECK_FALSE(passed(stamp));
    }
    CHECK(eventually([&] { return passed(stamp); }));
}

TEST_CASE("an interrupt brings a sleeping CPU back first, and leaves it away") {
    const InterruptsOff off;
    const Stamp stamp = retire();
    bool away_in_handler = true;
    bool away_after_nested = true;
    std::uint64_t announced_in_handler = 0;
    go_away();
    {
        const core::interrupt::ContextGuard handler;
        away_in_handler = away();
        announced_in_handler = current().quiescence.announced.load(std::memory_order_relaxed);
        {
            const core::interrupt::ContextGuard nested;
        }
        away_after_nested = away(); // the nested one found it back
    }
    const bool away_afterwards = away();
    come_back();
    CHECK_FALSE(away_in_handler);
    CHECK(announced_in_handler >= stamp.value);
    CHECK_FALSE(away_after_nested);
    CHECK(away_afterwards);
}

TEST_CASE("sleeping CPUs let stamps pass without any interrupt") {
    if (!have_cpus(2)) {
        return;
    }
    REQUIRE(eventually(others_sleep));
    const std::uint64_t notified = notification_count();
    const InterruptsOff off;
    const Stamp stamp = retire();
    quiesce();
    CHECK(eventually([&] { return passed(stamp); }));
    CHECK(notification_count() == notified);
}

TEST_CASE("a sleeping CPU has no tick") {
    if (!have_cpus(2)) {
        return;
    }
    const CpuSet others = online().without(current().id);
    // Who ticks has a deadline within the next period; others, such as a watchdog's, are farther off.
    const auto ticks = [](CpuId cpu) {
        return all_deadlines->of(cpu).next() <= core::time::now() + tick_period;
    };
    // Every CPU works, and has a tick, and sleeps again.
    std::atomic<std::uint32_t> had{0};
    CHECK(on_every_cpu([&] { had += ticks(current().id) ? 1 : 0; }));
    CHECK(had == online_count());
    CHECK(eventually([&] {
        bool none = true;
        for (const CpuId cpu : others) {
            none = none && !ticks(cpu);
        }
        return none;
    }));
}

TEST_CASE("a busy CPU passes by its tick, and a read section there holds everybody back") {
    if (!have_cpus(2)) {
        return;
    }
    std::atomic<bool> in_section{false};
    std::atomic<bool> leave_section{false};
    std::atomic<bool> end{false};
    Background busy{[&] {
        {
            const ReadSection section;
            in_section = true;
            while (!leave_section) {
                machine::pause();
            }
        }
        while (!end) {
            machine::pause();
        }
    }};
    CHECK(eventually([&] { return in_section.load(); }));
    const Stamp stamp = retire();
    const Nanoseconds wait_end = core::time::now() + 50_ms;
    while (core::time::now() < wait_end) {
        machine::pause();
    }
    CHECK_FALSE(passed(stamp));
    leave_section = true;
    CHECK(eventually([&] { return passed(stamp); })); // its tick and ours; it is spinning still
    end = true;
}

TEST_CASE("a CPU that wakes up while others wait is waited for") {
    if (!have_cpus(2)) {
        return;
    }
    // The other is held on its way out of sleep, where it is not away any more and has not announced.
    const CpuSet others = CpuSet::from_bits(online().bits()).without(current().id);
    Trap trap{"come_back: not away", others};
    const Stamp stamp = retire();
    Background wakes_it{[] {}};
    REQUIRE(trap.wait_until_sprung());
    {
        const InterruptsOff off;
        quiesce();
    }
    CHECK_FALSE(passed(stamp));
    trap.release();
    CHECK(eventually([&] { return passed(stamp); }));
}

TEST_CASE("a quiescent point inside a read section is a panic" * expect_panic("preemption_disabled == 0")) {
    const InterruptsOff off;
    const ReadSection section;
    quiesce();
}

TEST_CASE("going away inside a read section is a panic" * expect_panic("preemption_disabled == 0")) {
    const InterruptsOff off;
    const ReadSection section;
    go_away();
}

} // namespace
} // namespace heddle::test
