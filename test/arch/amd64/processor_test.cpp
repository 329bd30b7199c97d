// SPDX-License-Identifier: BSD-2-Clause
// Several CPUs: in one state, each on stacks of its own, interrupted by each other without a trace, and
// stopped.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "core/machine/processors.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/panic.hpp"
#include "cpu/registers.hpp"
#include "cpu/stacks.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "machine/cpu.hpp"
#include "processor/trampoline.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "test/floor/background.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"
#include "time/skew.hpp"
#include "trap/trap.hpp"

#include <algorithm>
#include <array>
#include <atomic>

extern "C" void heddle_secondary_machine_start(heddle::core::cpu::CpuLocal& cpu);

namespace heddle::test {
namespace {

using amd64::local_apic;
using core::cpu::CrossCall;
using core::cpu::current;
using core::cpu::local;
using core::cpu::online;
using core::cpu::online_count;

template <class Seen>
using OnEach = std::array<Seen, CpuId::limit>;

/// Runs `function(seen[id])` on each CPU as a cross call.
template <class Seen, class Function>
void on_each(OnEach<Seen>& seen, Function) {
    core::cpu::call(
        online(),
        [](void* argument) { Function{}((*static_cast<OnEach<Seen>*>(argument))[current().id.value]); },
        &seen);
}

/// What LGDT and LIDT load.
struct [[gnu::packed]] TableRegister {
    std::uint16_t limit;
    std::uint64_t base;
};

/// doctest runs on the boot CPU and needs floating point: machine::enable_simd().
constexpr std::uint64_t runner_has_simd_cr0 = amd64::cr0::emulation | amd64::cr0::task_switched;
constexpr std::uint64_t runner_has_simd_cr4 = amd64::cr4::os_fxsr | amd64::cr4::os_xmm_exceptions;

/// Registers that decide how a CPU works, and those that it has for itself.
struct State {
    std::array<std::uint64_t, 7> values{};
    std::uint64_t descriptors = 0;
    std::uint64_t gs_base = 0;
    std::uint32_t apic_id = 0;

    static State of_this_cpu() {
        TableRegister interrupts{};
        TableRegister descriptors{};
        std::uint16_t task = 0;
        asm volatile("sidt %0" : "=m"(interrupts));
        asm volatile("sgdt %0" : "=m"(descriptors));
        asm volatile("str %0" : "=r"(task));
        using namespace amd64;
        return {.values = {read_cr0() & ~runner_has_simd_cr0, read_cr3(), read_cr4() & ~runner_has_simd_cr4,
                           read_msr(Msr::efer), read_msr(Msr::page_attributes), interrupts.base, task},
                .descriptors = descriptors.base,
                .gs_base = read_msr(Msr::gs_base),
                .apic_id = amd64::cpuid(1).ebx >> 24};
    }
};

constinit OnEach<State> states{};
constinit OnEach<std::uint64_t> handler_stacks{};
constinit OnEach<std::array<std::uint64_t, 32>> traces{};

TEST_CASE("every CPU is in the boot CPU's state, with its own data and descriptors, and is the one that was "
          "meant") {
    on_each(states, [](State& state) { state = State::of_this_cpu(); });
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        const State& state = states[cpu.value];
        CHECK(state.values == states[0].values);
        CHECK(state.descriptors == reinterpret_cast<std::uintptr_t>(&local(cpu).machine.descriptors));
        CHECK(state.gs_base == reinterpret_cast<std::uintptr_t>(&local(cpu)));
        CHECK(state.apic_id == local(cpu).machine.apic_id);
    }
}

TEST_CASE("ENT-11 every CPU handles interrupts on its own interrupt stack") {
    on_each(handler_stacks, [](std::uint64_t& stack) { stack = machine::frame_pointer(); });
    for (const CpuId cpu : online().without(current().id)) { // the caller's part runs where it stands
        CAPTURE(cpu);
        const std::uint64_t top = local(cpu).machine.interrupt_stack_top;
        CHECK(top == amd64::cpu_stacks(cpu).interrupt.value);
        CHECK(handler_stacks[cpu.value] < top);
        CHECK(handler_stacks[cpu.value] > top - 16_KiB);
    }
}

TEST_CASE("each stack of every other CPU has a page below that is not there") {
    for (const CpuId cpu : online().without(CpuId{0})) {
        CAPTURE(cpu);
        const amd64::CpuStacks stacks = amd64::cpu_stacks(cpu);
        const std::pair<VirtAddr, std::uint64_t> expected[] = {
            {amd64::start_stack_top(cpu), 32_KiB}, {stacks.interrupt, 16_KiB},
            {stacks.double_fault, 8_KiB},          {stacks.non_maskable, 8_KiB},
            {stacks.machine_check, 8_KiB},         {stacks.debug, 8_KiB}};
        for (const auto& [top, size] : expected) {
            CHECK(machine::probe_read(top - 8).has_value());
            CHECK(machine::probe_read(top - size).has_value());
            CHECK_FALSE(machine::probe_read(top - size - 8).has_value());
            CHECK_FALSE(machine::probe_read(top - size - page_size).has_value());
            CHECK(amd64::is_stack_guard(top - size - 8));
            CHECK_FALSE(amd64::is_stack_guard(top - size));
            CHECK(amd64::is_allocated_stack(top - 16, 16));
            CHECK_FALSE(amd64::is_allocated_stack(top - 8, 16));
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

TEST_CASE("ENT-09 the page in which processors begin is not executable, and low addresses lead nowhere") {
    const PhysAddr page = *amd64::trampoline();
    CHECK(page.value < 640_KiB);
    CHECK(machine::probe_read(core::memory::to_virtual(page)).has_value());
    CHECK_FALSE(machine::probe_execute(core::memory::to_virtual(page)).has_value());
    CHECK_FALSE(core::memory::kernel_map().translate(VirtAddr{page.value}).has_value());
}

TEST_CASE("a processor whose id the interrupt controller cannot name is refused") {
    CHECK(machine::start_processor(CpuId{1}, {.hardware_id = 255, .redistributor = {}}) ==
          std::unexpected{Error::not_supported});
}

TEST_CASE("calls between every two CPUs arrive, each once") {
    struct Pair {
        std::atomic<std::uint32_t> ran{0};
        std::atomic<std::uint32_t> elsewhere{0};
        CpuId target;
        CrossCall call{run, this};

        static void run(void* argument) {
            Pair& pair = *static_cast<Pair*>(argument);
            pair.ran += 1;
            pair.elsewhere += current().id == pair.target ? 0 : 1;
        }
    };

    static constinit std::array<std::array<Pair, 8>, 8> pairs{};
    const CpuSet some = online() & CpuSet::from_bits(0xff);
    for (auto& row : pairs) {
        for (std::uint32_t i = 0; i < row.size(); ++i) {
            row[i].ran = 0;
            row[i].elsewhere = 0;
            row[i].target = CpuId{i};
        }
    }
    core::cpu::call(
        some,
        [](void* argument) {
            for (const CpuId target : *static_cast<const CpuSet*>(argument)) {
                post(target, pairs[current().id.value][target.value].call);
            }
        },
        const_cast<CpuSet*>(&some));
    for (const CpuId source : some) {
        for (const CpuId target : some) {
            CAPTURE(source);
            CAPTURE(target);
            Pair& pair = pairs[source.value][target.value];
            CHECK(eventually([&] { return pair.call.done(); }));
            CHECK(pair.ran == 1);
            CHECK(pair.elsewhere == 0);
        }
    }
}

/// Calls from each CPU to the one before it, which has all registers full when the interrupt comes. One CPU
/// after the other, with the rest asleep: a host with fewer CPUs has only two to run.
struct Ring {
    static constexpr std::uint32_t rounds = 8;

    std::atomic<std::uint32_t> wrong_registers{0};
    std::atomic<std::uint32_t> lost{0};
    OnEach<std::atomic<std::uint32_t>> calls{};

    static void handle(void* argument) {
        Ring& ring = *static_cast<Ring*>(argument);
        ring.calls[current().id.value].fetch_add(1, std::memory_order_relaxed);
        asm volatile("movq $-1, %%rax\n\tmovq %%rax, %%rbx\n\tmovq %%rax, %%rcx\n\tmovq %%rax, %%rdx\n\t"
                     "movq %%rax, %%rsi\n\tmovq %%rax, %%rdi\n\tmovq %%rax, %%r8\n\tmovq %%rax, %%r9\n\t"
                     "movq %%rax, %%r10\n\tmovq %%rax, %%r11\n\tmovq %%rax, %%r12\n\tmovq %%rax, %%r13\n\t"
                     "movq %%rax, %%r14\n\tmovq %%rax, %%r15\n\taddq %%rax, %%rax"
                     :
                     :
                     : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
                       "r14", "r15", "cc");
    }

    static Registers registers_for(std::uint32_t round, std::uint32_t self) {
        Registers result{};
        for (std::size_t i = 0; i < result.values.size(); ++i) {
            result.values[i] = 0x9e37'79b9'7f4a'7c15 * (i + 1) * (round + 32 * self);
        }
        constexpr std::uint64_t status_flags = 0x8d5; // OF, SF, ZF, AF, PF, CF
        constexpr std::uint64_t always_set_flag = 1U << 1;
        result.values[Registers::rflags] =
            (result.values[Registers::rflags] & status_flags) | always_set_flag;
        return result;
    }

    /// The next CPU's way back to this one.
    struct Answer {
        CpuId asker;
        CrossCall call;

        static void send(void* argument) {
            Answer& self = *static_cast<Answer*>(argument);
            post(self.asker, self.call);
        }
    };

    /// On each CPU in turn: asks the one after it to call.
    void run() {
        const CpuId self = current().id;
        const CpuId next = CpuId{(self.value + 1) % online_count()};
        Answer answer{self, {handle, this}};
        CrossCall question{Answer::send, &answer};
        for (std::uint32_t round = 1; round <= rounds; ++round) {
            const Registers before = registers_for(round, self.value);
            Registers after{};
            const auto interrupts = machine::save_and_disable_interrupts();
            post(next, question);
            lost += eventually([] { return local_apic().pending(amd64::cross_call_vector); }) ? 0 : 1;
            heddle_test_pending_with_registers(&before, &after);
            machine::restore_interrupts(interrupts);
            wrong_registers += after == before ? 0 : 1;
            lost += eventually([&] { return question.done() && answer.call.done(); }) ? 0 : 1;
        }
    }
};

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

constinit OnEach<std::atomic<std::uint32_t>> non_maskables{};
constinit OnEach<std::atomic<std::uint64_t>> non_maskable_stacks{};

bool note_non_maskable(machine::TrapFrame&) {
    const std::uint32_t self = current().id.value;
    non_maskable_stacks[self] = machine::frame_pointer();
    non_maskables[self] += 1;
    return true;
}

TEST_CASE("ENT-02 an NMI reaches the CPU that it is sent to, on its own stack, wherever that CPU is") {
    for (auto& each : non_maskables) {
        each = 0;
    }
    const auto hook_before =
        amd64::set_exception_hook(amd64::Exception::non_maskable_interrupt, note_non_maskable);
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        CHECK(local_apic().send_non_maskable(local(cpu).machine.apic_id).has_value());
        CHECK(eventually([cpu] { return non_maskables[cpu.value] == 1; }));
        const std::uint64_t top =
            (cpu == CpuId{0} ? amd64::boot_cpu_stacks() : amd64::cpu_stacks(cpu)).non_maskable.value;
        CHECK(non_maskable_stacks[cpu.value] < top);
        CHECK(non_maskable_stacks[cpu.value] > top - 8_KiB);
    }
    for (const CpuId cpu : online()) {
        CHECK(non_maskables[cpu.value] == 1);
    }
    amd64::set_exception_hook(amd64::Exception::non_maskable_interrupt, hook_before);
}

TEST_CASE("another CPU's TSC shows what the boot CPU's does") {
    if (!have_cpus(2)) {
        return;
    }
    std::int64_t skew = -1;
    Error error{};
    {
        const Background other{[&] {
            if (current().id == CpuId{0}) {
                return;
            }
            const auto measured = amd64::measure_skew(~std::uint64_t{0});
            skew = measured.value_or(-1);
            error = measured ? Error{} : measured.error();
        }};
    }
    CAPTURE(error);
    CHECK(skew == 0);
}

TEST_CASE("a panic's report can stop the others, also one with interrupts off" *
          expect_panic("all others have stopped")) {
    std::atomic<bool> stuck{online_count() == 1};
    CrossCall spin{[](void* argument) {
                       *static_cast<std::atomic<bool>*>(argument) = true;
                       for (;;) {
                           machine::pause();
                       }
                   },
                   &stuck};
    if (online_count() > 1) {
        post(*online().without(current().id).begin(), spin);
    }
    CHECK(eventually([&] { return stuck.load(); }));
    const CpuSet others = online().without(current().id);
    const CpuSet stopped = machine::stop_others();
    bool have_frames = true;
    for (const CpuId cpu : others) {
        have_frames = have_frames && machine::stopped_at(cpu) != nullptr;
    }
    core::panic("{}", stopped == others && have_frames ? "all others have stopped" : "some have not stopped");
}

TEST_CASE("a stack overflow on another CPU is called one" *
          expect_panic("kernel stack overflow: stack pointer")) {
    if (online_count() == 1) {
        heddle_test_overflow();
    }
    const Background other{[] { heddle_test_overflow(); }};
    eventually([] { return false; }, 60);
}

} // namespace
} // namespace heddle::test
