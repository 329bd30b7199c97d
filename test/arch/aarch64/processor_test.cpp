// SPDX-License-Identifier: BSD-2-Clause
// Several CPUs: in one state, each on stacks of its own, interrupted by each other without a trace, and
// stopped.
#include "access.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "core/machine/processors.hpp"
#include "core/panic.hpp"
#include "core/time/monotonic.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "registers.hpp"
#include "test/floor/background.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <doctest/doctest.h>

extern "C" {
void heddle_secondary_machine_start(heddle::machine::CpuData& cpu);
}

namespace heddle::test {
namespace {

using core::cpu::current;
using core::cpu::local;
using core::cpu::online;
using machine::CpuData;

/// Registers that decide how a CPU works. Of SCTLR_EL1, TCR_EL1 and the like every bit has to agree.
struct State {
    std::array<std::uint64_t, 9> values{};
    std::uint64_t affinity = 0;

    static State of_this_cpu() {
        std::uint64_t pan = 0;
        if (aarch64::cpu_features.privileged_access_never) {
            pan = READ_SYSTEM_REGISTER(S3_0_C4_C2_3);
        }
        std::uint64_t key = 0;
        if (aarch64::cpu_features.pointer_authentication) {
            key = READ_SYSTEM_REGISTER(S3_0_C2_C1_0) ^ READ_SYSTEM_REGISTER(S3_0_C2_C1_1); // APIAKey
        }
        return {.values = {READ_SYSTEM_REGISTER(CurrentEL), READ_SYSTEM_REGISTER(SPSel),
                           READ_SYSTEM_REGISTER(sctlr_el1), READ_SYSTEM_REGISTER(tcr_el1),
                           READ_SYSTEM_REGISTER(mair_el1), READ_SYSTEM_REGISTER(ttbr1_el1),
                           READ_SYSTEM_REGISTER(vbar_el1), pan, key},
                .affinity = aarch64::read_affinity()};
    }
};

/// Runs `function(seen[id])` on each CPU as a cross call.
template <class Seen, class Function>
void on_each(std::array<Seen, CpuId::limit>& seen, Function) {
    core::cpu::call(
        online(),
        [](void* argument) {
            Function{}((*static_cast<std::array<Seen, CpuId::limit>*>(argument))[current().id.value]);
        },
        &seen);
}

constinit std::array<State, CpuId::limit> states{};
constinit std::array<std::uint64_t, CpuId::limit> stacks{};
constinit std::array<std::array<std::uint64_t, 32>, CpuId::limit> traces{};

/// Calls from each CPU to the one before it, which has all registers full when the interrupt comes. One CPU
/// after the other, with the rest asleep: a host with fewer CPUs has only two to run.
struct Ring {
    static constexpr std::uint32_t rounds = 16;

    std::atomic<std::uint32_t> wrong_registers{0};
    std::atomic<std::uint32_t> lost{0};
    std::array<std::atomic<std::uint32_t>, CpuId::limit> calls{};

    static void handle(void* argument) {
        Ring& ring = *static_cast<Ring*>(argument);
        ring.calls[current().id.value].fetch_add(1, std::memory_order_relaxed);
        asm volatile(
            "mov x0, #-1\n\tmov x1, x0\n\tmov x2, x0\n\tmov x3, x0\n\tmov x4, x0\n\tmov x5, x0\n\t"
            "mov x6, x0\n\tmov x7, x0\n\tmov x8, x0\n\tmov x9, x0\n\tmov x10, x0\n\tmov x11, x0\n\t"
            "mov x12, x0\n\tmov x13, x0\n\tmov x14, x0\n\tmov x15, x0\n\tmov x16, x0\n\tmov x17, x0\n\t"
            "mov x20, x0\n\tcmp x0, #0" ::
                : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
                  "x14", "x15", "x16", "x17", "x20", "cc");
    }

    /// The next CPU's way back to this one.
    struct Answer {
        CpuId asker;
        core::cpu::CrossCall call;

        static void send(void* argument) {
            Answer& self = *static_cast<Answer*>(argument);
            post(self.asker, self.call);
        }
    };

    /// On each CPU in turn: asks the one after it to call.
    void run() {
        const CpuId self = current().id;
        const CpuId next = CpuId{(self.value + 1) % core::cpu::online_count()};
        Answer answer{self, {handle, this}};
        core::cpu::CrossCall question{Answer::send, &answer};
        for (std::uint32_t round = 1; round <= rounds; ++round) {
            Registers in{};
            for (std::size_t i = 0; i < 31; ++i) {
                in[i] = 0x9e37'79b9'7f4a'7c15 * (i + 1) * (round + 32 * self.value);
            }
            in[31] = std::uint64_t{round % 16} << 28;
            Registers out{};
            const auto interrupts = machine::save_and_disable_interrupts();
            post(next, question);
            // ISR_EL1.I: one is pending.
            lost += eventually([] { return (READ_SYSTEM_REGISTER(isr_el1) & 0x80) != 0; }) ? 0 : 1;
            heddle_test_across_interrupt(in, out);
            machine::restore_interrupts(interrupts);
            wrong_registers += out == in ? 0 : 1;
            // All, before interrupts are off again: what this CPU was interrupted by may have been something
            // else.
            lost += eventually([&] {
                return question.done() && answer.call.done() && calls[self.value].load() == round;
            })
                        ? 0
                        : 1;
        }
    }
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("every CPU is in the boot CPU's state, and is the one that was meant") {
    on_each(states, [](State& state) { state = State::of_this_cpu(); });
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        CHECK(states[cpu.value].values == states[0].values);
        CHECK(states[cpu.value].affinity == local(cpu).machine.affinity);
    }
}

TEST_CASE("ENT-11 every CPU handles interrupts on its own interrupt stack") {
    on_each(stacks, [](std::uint64_t& stack) {
        stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    });
    for (const CpuId cpu : online().without(current().id)) { // the caller's part runs where it stands
        CAPTURE(cpu);
        const std::uint64_t top = local(cpu).machine.interrupt_stack;
        CHECK(stacks[cpu.value] < top);
        CHECK(stacks[cpu.value] > top - 16_KiB);
    }
}

TEST_CASE("each stack of every other CPU has a page below that is not there") {
    struct Expected {
        std::uint64_t CpuData::* top;
        std::uint64_t size;
    };

    constexpr Expected expected[] = {{&CpuData::frame_stack, 4_KiB},      {&CpuData::serror_stack, 8_KiB},
                                     {&CpuData::nested_stack, 8_KiB},     {&CpuData::exception_stack, 8_KiB},
                                     {&CpuData::interrupt_stack, 16_KiB}, {&CpuData::thread_stack, 64_KiB}};
    for (const CpuId cpu : online().without(CpuId{0})) {
        CAPTURE(cpu);
        for (const Expected& stack : expected) {
            const VirtAddr top{local(cpu).machine.*stack.top};
            CHECK(machine::probe_read(top - 8).has_value());
            CHECK(machine::probe_read(top - stack.size).has_value());
            CHECK_FALSE(machine::probe_read(top - stack.size - 8).has_value());
            CHECK_FALSE(machine::probe_read(top - stack.size - page_size).has_value());
        }
    }
}

TEST_CASE("a backtrace in an interrupt handler reaches the first function of another CPU's thread") {
    on_each(traces, [](std::array<std::uint64_t, 32>& trace) {
        trace = {};
        machine::backtrace(machine::frame_pointer(), trace);
    });
    const auto begin = reinterpret_cast<std::uintptr_t>(heddle_secondary_machine_start);
    for (const CpuId cpu : online().without(current().id)) {
        CAPTURE(cpu);
        CHECK(std::ranges::any_of(traces[cpu.value], [begin](std::uint64_t address) {
            return address > begin && address < begin + 1_KiB;
        }));
    }
}

TEST_CASE(
    "ENT-01 an interrupt from another CPU saves and restores every register and the flags, on every CPU") {
    Ring ring;
    CHECK(on_every_cpu_in_turn([&] { ring.run(); }));
    CHECK(ring.wrong_registers == 0);
    CHECK(ring.lost == 0);
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        CHECK(ring.calls[cpu.value] == Ring::rounds);
    }
}

TEST_CASE("a panic's report can stop the others" * expect_panic("all others have stopped")) {
    const CpuSet others = online().without(current().id);
    const CpuSet stopped = machine::stop_others();
    core::panic("{}", stopped == others ? "all others have stopped" : "some have not stopped");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
