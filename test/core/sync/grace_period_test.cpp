// SPDX-License-Identifier: BSD-2-Clause
// Grace periods: what waits for what.
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/memory/owner.hpp"
#include "core/sync/grace_period.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/read_section.hpp"
#include "core/sync/spinlock.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "core/time/deadlines.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <optional>
#include <utility>

namespace heddle::test {
namespace {

using namespace core::sync;
using core::test_hooks::Trap;

constinit core::time::DeadlineQueue* own_deadlines = nullptr;

Result<void> look_up(core::component::Wiring& wiring) {
    own_deadlines = &wiring.get<core::time::Deadlines>().own();
    return {};
}

HEDDLE_COMPONENT(grace_period_test_component){
    .name = "test-grace-period",
    .provides = {},
    .needs = core::component::interfaces<core::time::Deadlines>,
    .start = look_up,
};

struct Counted : DeferredCallback {
    std::atomic<int> turn{-1};
    std::atomic<int>* turns = nullptr;

    static void run(DeferredCallback& callback) {
        auto& self = static_cast<Counted&>(callback);
        self.turn = self.turns->fetch_add(1);
    }
};

/// This CPU's idle loop, without sleep.
bool run_until(auto condition) {
    return eventually([&] {
        {
            const InterruptsOff off;
            core::cpu::quiesce();
        }
        run_deferred();
        return condition();
    });
}

TEST_CASE("synchronize returns, and its stamp has passed then") {
    const core::cpu::Stamp before = core::cpu::newest_stamp();
    synchronize();
    CHECK(core::cpu::newest_stamp() > before);
    CHECK(core::cpu::passed(core::cpu::Stamp{before.value + 1}));
}

TEST_CASE("read sections nest") {
    CHECK(core::cpu::current().preemption_disabled == 0);
    {
        const ReadSection outer;
        {
            const ReadSection inner;
            CHECK(core::cpu::current().preemption_disabled == 2);
        }
        CHECK(core::cpu::current().preemption_disabled == 1);
    }
    CHECK(core::cpu::current().preemption_disabled == 0);
}

TEST_CASE("deferred callbacks run after a grace period, once, in the order of one CPU's calls") {
    std::atomic<int> turns{0};
    std::array<Counted, 5> callbacks;
    {
        const ReadSection section;
        for (Counted& each : callbacks) {
            each.function = Counted::run;
            each.turns = &turns;
            defer(each);
        }
        // Begins the grace period, which cannot pass while we are here.
        CHECK_FALSE(deferred_ready());
        CHECK(run_deferred() == 0);
        CHECK(turns == 0);
    }
    CHECK(run_until([&] { return turns == 5; }));
    for (int i = 0; i < 5; ++i) {
        CHECK(callbacks[static_cast<std::size_t>(i)].turn == i);
    }
    CHECK_FALSE(deferred_ready());
}

TEST_CASE("a callback that comes while a grace period runs waits for the next one") {
    std::atomic<int> turns{0};
    Counted first;
    Counted second;
    for (Counted* each : {&first, &second}) {
        each->function = Counted::run;
        each->turns = &turns;
    }
    const core::cpu::Stamp before = core::cpu::newest_stamp();
    defer(first);
    {
        const ReadSection section;
        while (core::cpu::newest_stamp() == before && !deferred_ready()) {
        }
        defer(second);
    }
    CHECK(run_until([&] { return turns == 2; }));
    CHECK(first.turn < second.turn);
    CHECK(core::cpu::newest_stamp().value >= before.value + 2);
}

TEST_CASE("a callback may free the object that it is in, and may be deferred again") {
    struct Object : DeferredCallback {
        std::atomic<int>* runs = nullptr;
        int left = 3;

        static void run(DeferredCallback& callback) {
            auto& self = static_cast<Object&>(callback);
            *self.runs += 1;
            if (--self.left != 0) {
                defer(self);
                return;
            }
            const auto owner = core::memory::Owner<Object>::adopt(&self);
        }
    };

    std::atomic<int> runs{0};
    auto object = core::memory::make<Object>();
    REQUIRE(object);
    (*object)->function = Object::run;
    (*object)->runs = &runs;
    defer(*object->release());
    CHECK(run_until([&] { return runs == 3; }));
}

// This CPU (left) and another (right), both about to sleep:
//
//                                         B looks: the other is not away, so nothing is ready
//     A is away
//     C looks, once the other has         D has looked; sleeps
//
// Were C to give up because somebody else is looking, both would sleep, and the callback with them.
TEST_CASE("two CPUs that go to sleep at the same time do not leave a callback to each other") {
    if (!have_cpus(2)) {
        return;
    }
    std::atomic<int> turns{0};
    Counted callback;
    callback.function = Counted::run;
    callback.turns = &turns;
    const CpuId self = core::cpu::current().id;

    struct Context {
        Counted& callback;
        const CpuId other;
        const Trap asleep; ///< this CPU has looked
        std::optional<Trap> looks{};
        std::atomic<bool> other_looks{false};
        bool begun = false;

        // Called by the idle loop, interrupts off, when this CPU has no tick any more.
        bool over() {
            if (!std::exchange(begun, true)) {
                own_deadlines->expire(); // nor one that is on its way
                defer(callback);
                core::cpu::send_notification(CpuSet::of(other), machine::Notification::reschedule);
                eventually([&] { return other_looks.load(); });
            }
            return callback.turn != -1;
        }

        static void to_look(void* argument) {
            Context& c = *static_cast<Context*>(argument);
            c.looks.emplace("deferred: polled", CpuSet::of(c.other), look, argument);
        }

        static void look(void* argument) {
            Context& c = *static_cast<Context*>(argument);
            c.other_looks = true;
            const Nanoseconds end = core::time::now() + 50_ms;
            while (!c.asleep.sprung() && core::time::now() < end) {
                machine::pause();
            }
        }
    } context{callback, *core::cpu::online().without(self).begin(),
              Trap{"idle: away", CpuSet::of(self), [](void*) {}, nullptr}};

    const Trap to_look{"idle: among the sleepers", CpuSet::of(context.other), Context::to_look, &context};
    core::cpu::idle([](void* argument) { return static_cast<Context*>(argument)->over(); }, &context);
    CHECK(context.other_looks);
    CHECK(turns == 1);
}

TEST_CASE("synchronize waits for a read section on another CPU") {
    if (!have_cpus(2)) {
        return;
    }
    std::atomic<bool> in_section{false};
    std::atomic<bool> section_over{false};
    std::atomic<bool> leave{false};
    const Background reader{[&] {
        {
            const ReadSection section;
            in_section = true;
            while (!leave) {
                machine::pause();
            }
            section_over = true;
        }
    }};
    REQUIRE(eventually([&] { return in_section.load(); }));
    const Nanoseconds begin = core::time::now();
    const core::cpu::Stamp stamp = core::cpu::retire();
    while (core::time::now() - begin < 50_ms) {
        machine::pause();
    }
    CHECK_FALSE(core::cpu::passed(stamp));
    leave = true;
    synchronize();
    CHECK(section_over);
}

TEST_CASE("a reader never sees what was freed after a grace period") {
    if (!have_cpus(2)) {
        return;
    }

    struct Value {
        std::atomic<std::uint64_t> alive{1};
    };

    // Two objects in turn; the one out of use is marked dead after a grace period and must be seen by nobody
    // then.
    std::array<Value, 2> values;
    std::atomic<Value*> shared{&values[0]};
    std::atomic<bool> end{false};
    std::atomic<std::uint64_t> dead_seen{0};
    std::atomic<std::uint64_t> reads{0};
    {
        const Background reader{[&] {
            while (!end) {
                const ReadSection section;
                const Value& value = *shared.load(std::memory_order_acquire);
                for (int i = 0; i < 20; ++i) {
                    dead_seen += value.alive.load(std::memory_order_relaxed) == 0 ? 1 : 0;
                }
                ++reads;
            }
        }};
        REQUIRE(eventually([&] { return reads != 0; }));
        for (std::size_t i = 0; i < 20; ++i) {
            Value& old = values[i % 2];
            Value& next = values[(i + 1) % 2];
            next.alive = 1;
            shared.store(&next, std::memory_order_release);
            synchronize();
            old.alive = 0;
        }
        end = true;
    }
    CHECK(dead_seen == 0);
}

TEST_CASE("synchronize inside a read section is a panic" * expect_panic("preemption_disabled == 0")) {
    const ReadSection section;
    synchronize();
}

constinit Spinlock grace_test_lock{Rank::registry};

TEST_CASE("synchronize with interrupts off is a panic" * expect_panic("interrupts_enabled()")) {
    const SpinlockGuard guard{grace_test_lock};
    synchronize();
}

} // namespace
} // namespace heddle::test
