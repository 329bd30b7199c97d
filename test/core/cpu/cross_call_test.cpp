// SPDX-License-Identifier: BSD-2-Clause
// Cross calls: each runs once, where and how it should; callers cannot block each other.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/panic.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/spinlock.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "test/floor/background.hpp"
#include "test/floor/event_log.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>

namespace heddle::test {
namespace {

using namespace core::cpu;
using core::sync::InterruptsOff;

/// What a call's function saw on each CPU.
struct Seen {
    std::array<std::atomic<std::uint32_t>, CpuId::limit> calls{};
    std::atomic<std::uint32_t> with_interrupts_on{0};
    std::atomic<std::uint32_t> in_thread_context{0};

    static void record(void* argument) {
        Seen& seen = *static_cast<Seen*>(argument);
        seen.calls[current().id.value] += 1;
        seen.with_interrupts_on += machine::interrupts_enabled() ? 1 : 0;
        seen.in_thread_context += in_interrupt() ? 0 : 1;
    }

    bool once_on_each(CpuSet cpus) const {
        for (std::uint32_t cpu = 0; cpu < CpuId::limit; ++cpu) {
            if (calls[cpu] != (cpus.contains(CpuId{cpu}) ? 1U : 0U)) {
                return false;
            }
        }
        return true;
    }
};

TEST_CASE("a call runs once on each CPU, in interrupt context, and is over when it returns") {
    Seen seen;
    call(online(), Seen::record, &seen);
    CHECK(seen.once_on_each(online()));
    CHECK(seen.with_interrupts_on == 0);
    CHECK(seen.in_thread_context == 0);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("a call passes over CPUs that are not online, and nobody is fine, too") {
    Seen seen;
    call(CpuSet::from_bits(~std::uint64_t{0}), Seen::record, &seen);
    CHECK(seen.once_on_each(online()));
    Seen unseen;
    call(CpuSet{}, Seen::record, &unseen);
    CHECK(unseen.once_on_each(CpuSet{}));
}

TEST_CASE("a call works with interrupts off, and leaves them off") {
    Seen seen;
    {
        const InterruptsOff off;
        call(online(), Seen::record, &seen);
        CHECK_FALSE(machine::interrupts_enabled());
    }
    CHECK(seen.once_on_each(online()));
}

TEST_CASE("a posted call runs as an interrupt, also on the CPU that posts it") {
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        Seen seen;
        CrossCall node{Seen::record, &seen};
        CHECK(node.done());
        post(cpu, node);
        REQUIRE(eventually([&] { return node.done(); }));
        CHECK(seen.once_on_each(CpuSet::of(cpu)));
        CHECK(seen.with_interrupts_on == 0);
        CHECK(seen.in_thread_context == 0);
    }
}

TEST_CASE("calls of one CPU run in the order in which it posted them, and a node can be used again") {
    struct Numbered {
        EventLog<512>* log;
        std::uint64_t number;

        static void record(void* argument) {
            const Numbered& self = *static_cast<Numbered*>(argument);
            self.log->record("call", self.number);
        }
    };

    for (const CpuId target : online()) {
        EventLog<512> log;
        constexpr std::size_t count = 8;
        std::array<Numbered, count> numbers;
        for (std::size_t i = 0; i < count; ++i) {
            numbers[i] = {&log, i};
        }
        CrossCall nodes[count] = {{Numbered::record, &numbers[0]}, {Numbered::record, &numbers[1]},
                                  {Numbered::record, &numbers[2]}, {Numbered::record, &numbers[3]},
                                  {Numbered::record, &numbers[4]}, {Numbered::record, &numbers[5]},
                                  {Numbered::record, &numbers[6]}, {Numbered::record, &numbers[7]}};
        for (int round = 0; round < 50; ++round) {
            {
                const InterruptsOff off; // more than one in the inbox at once, for the target that is us
                for (CrossCall& node : nodes) {
                    post(target, node);
                }
            }
            REQUIRE(eventually([&] { return std::ranges::all_of(nodes, &CrossCall::done); }));
        }
        REQUIRE(log.lost() == 0);
        REQUIRE(log.size() == 50 * count);
        bool in_order = true;
        for (std::size_t i = 0; i < log.size(); ++i) {
            in_order = in_order && log.events()[i].value == i % count;
        }
        CHECK(in_order);
    }
}

TEST_CASE("a call that is posted while the inbox is being emptied is not lost") {
    struct {
        CrossCall* second;
    } context{};

    Seen seen;
    CrossCall second{Seen::record, &seen};
    context.second = &second;
    CrossCall first{
        [](void* argument) { post(current().id, *static_cast<decltype(context)*>(argument)->second); },
        &context};
    post(current().id, first);
    REQUIRE(eventually([&] { return first.done() && second.done(); }));
    CHECK(seen.once_on_each(CpuSet::of(current().id)));
}

TEST_CASE("a call that is posted with interrupts off waits for them") {
    Seen seen;
    CrossCall node{Seen::record, &seen};
    {
        const InterruptsOff off;
        post(current().id, node);
        CHECK_FALSE(node.done());
    }
    CHECK(eventually([&] { return node.done(); }));
}

/// Two CPUs that do nothing but call each other.
void call_each_other(bool interrupts_off) {
    constexpr int rounds = 40; // each may cost two time slices of the host
    std::atomic<std::uint32_t> here{0};
    std::atomic<std::uint32_t> there{0};
    const auto count = [](void* counter) { *static_cast<std::atomic<std::uint32_t>*>(counter) += 1; };
    std::atomic<std::uint32_t> partner{CpuId::limit};
    const CpuId self = current().id;
    const auto calls = [=](CpuId target, std::atomic<std::uint32_t>& counter) {
        for (int i = 0; i < rounds; ++i) {
            if (interrupts_off) {
                const InterruptsOff off;
                call(CpuSet::of(target), count, &counter);
            } else {
                call(CpuSet::of(target), count, &counter);
            }
        }
    };
    {
        const Background other{[&] {
            partner = current().id.value;
            calls(self, here);
        }};
        REQUIRE(eventually([&] { return partner != CpuId::limit; }));
        calls(CpuId{partner}, there);
    }
    CHECK(here == rounds);
    CHECK(there == rounds);
}

TEST_CASE("two CPUs that call each other do not block each other") {
    if (have_cpus(2)) {
        call_each_other(false);
    }
}

TEST_CASE("two CPUs that call each other with interrupts off do not block each other") {
    if (have_cpus(2)) {
        call_each_other(true);
    }
}

TEST_CASE("all CPUs call all at once") {
    if (!have_cpus(2)) {
        return;
    }
    constexpr std::size_t loops = 8;
    constexpr std::uint32_t rounds = 20;
    std::atomic<std::uint32_t> calls{0};

    struct Context {
        std::atomic<std::uint32_t>* calls;
    } context{&calls};

    for_each_parallel(
        loops,
        [](void* argument, std::size_t) {
            for (std::uint32_t i = 0; i < rounds; ++i) {
                call(online(), [](void* c) { *static_cast<Context*>(c)->calls += 1; }, argument);
            }
        },
        &context);
    CHECK(calls == loops * rounds * online_count());
}

TEST_CASE("many CPUs post to one") {
    if (!have_cpus(2)) {
        return;
    }
    constexpr std::size_t loops = 8;
    constexpr std::uint32_t rounds = 50;
    std::atomic<std::uint32_t> calls{0};
    for_each_parallel(
        loops,
        [](void* argument, std::size_t) {
            CrossCall node{[](void* counter) { *static_cast<std::atomic<std::uint32_t>*>(counter) += 1; },
                           argument};
            for (std::uint32_t i = 0; i < rounds; ++i) {
                post(CpuId{0}, node);
                while (!node.done()) {
                    machine::pause();
                }
            }
        },
        &calls);
    CHECK(calls == loops * rounds);
}

TEST_CASE("a call behind one whose poster has not sent its interrupt yet is not lost") {
    if (!have_cpus(2)) {
        return;
    }
    const CpuId self = current().id;
    Seen seen;
    CrossCall first{Seen::record, &seen};
    CrossCall second{Seen::record, &seen};
    core::test_hooks::Trap trap{"post: pushed", online().without(self)};
    const Background poster{[&] { post(self, first); }};
    REQUIRE(trap.wait_until_sprung());
    post(self, second); // finds the inbox in use and sends no interrupt
    CHECK_FALSE(second.done());
    trap.release();
    CHECK(eventually([&] { return first.done() && second.done(); }));
    CHECK(seen.calls[self.value] == 2);
}

constinit core::sync::Spinlock test_lock{core::sync::Rank::registry};

TEST_CASE("waiting for a call with a spinlock held is a panic" * expect_panic("while a spinlock of rank")) {
    const core::sync::SpinlockGuard guard{test_lock};
    call(online(), [](void*) {}, nullptr);
}

TEST_CASE("waiting for a call inside of a call is a panic" * expect_panic("in_interrupt()")) {
    call(online(), [](void*) { call(online(), [](void*) {}, nullptr); }, nullptr);
}

TEST_CASE("posting a call that is on its way is a panic" * expect_panic("call.done()")) {
    CrossCall* self = nullptr;
    CrossCall node{[](void* call) { post(current().id, **static_cast<CrossCall**>(call)); }, &self};
    self = &node;
    post(current().id, node);
}

} // namespace
} // namespace heddle::test
