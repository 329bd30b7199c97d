// SPDX-License-Identifier: BSD-2-Clause
// Every way into the kernel, on all CPUs at once: registers, stacks, nesting, and any stack pointer.
#include "core/cpu/cross_call.hpp"
#include "core/interrupt/context.hpp"
#include "machine/cpu.hpp"
#include "test/arch/aarch64/programs.hpp"
#include "test/arch/aarch64/registers.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/trap.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using aarch64::ExceptionClass;
using aarch64::Syndrome;
using core::cpu::CrossCall;
using core::cpu::current;
using machine::TrapFrame;

constexpr unsigned rounds = 20;

/// Sets a hook for a block.
class HookGuard {
  public:
    HookGuard(ExceptionClass exception, aarch64::ExceptionHook hook)
        : exception_{exception}
        , before_{aarch64::set_exception_hook(exception, hook)} {}

    ~HookGuard() { aarch64::set_exception_hook(exception_, before_); }

    HookGuard(const HookGuard&) = delete;
    HookGuard& operator=(const HookGuard&) = delete;

  private:
    ExceptionClass exception_;
    aarch64::ExceptionHook before_;
};

/// Compares the registers at two exceptions or calls, and goes on behind the first one.
class Twice final : public Visitor {
  public:
    Twice(Findings& findings, const TrapFrame& expected, ExceptionClass exception)
        : findings_{findings}
        , expected_{expected}
        , exception_{exception} {}

    void system_call(TrapFrame& frame) override { compare(frame, 0); }

    void exception(TrapFrame& frame) override { compare(frame, 4); }

    unsigned count() const { return count_; }

  private:
    void compare(TrapFrame& frame, unsigned skip) {
        findings_.expect(Syndrome{frame.syndrome}.exception_class() == exception_, "another exception");
        findings_.expect(frame.from_user(), "not from user mode");
        findings_.expect(same_registers(expected_, frame), "an exception lost a register");
        if (++count_ == 2) {
            machine::leave_user();
        }
        frame.program_counter += skip;
    }

    Findings& findings_;
    const TrapFrame& expected_;
    const ExceptionClass exception_;
    unsigned count_ = 0;
};

Registers patterns(std::uint64_t seed) {
    Registers in{};
    Random random{seed};
    for (std::uint64_t& each : in) {
        each = random.next();
    }
    in[31] &= 0xf000'0000;
    return in;
}

/// Stores to where the stack pointer, `wild`, points, and lets an interrupt in, with it still wild.
void use_stack_pointer(std::uint64_t wild) {
    asm volatile("mov x19, sp\n\t"
                 "mov sp, %0\n\t"
                 "str xzr, [sp]\n\t"
                 "msr daifclr, #2\n\t"
                 "nop\n\t"
                 "msr daifset, #2\n\t"
                 "mov sp, x19" ::"r"(wild)
                 : "x19", "memory");
}

struct WildSeen {
    std::uint64_t stack;
    std::uint64_t address;
    std::uint64_t handler;
};

constinit std::array<WildSeen, CpuId::limit> wild_seen{};

bool note_wild(TrapFrame& frame) {
    wild_seen[current().id.value] = {frame.sp(), frame.fault_address,
                                     reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))};
    frame.program_counter += 4;
    return true;
}

/// Where each level of a nest ran, and how deep it found itself.
struct Level {
    std::uint64_t stack;
    std::uint64_t exceptions;
    std::uint32_t interrupts;

    static Level here() {
        return {reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),
                current().machine.exception_depth, current().interrupt_depth};
    }

    bool on(std::uint64_t top, std::uint64_t size) const { return stack < top && stack > top - size; }
};

constinit std::array<std::array<Level, 3>, CpuId::limit> nest{};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-01 every exception and call of a program keeps every register and flag, on all CPUs at once") {
    const Programs programs{
        instruction::undefined,       instruction::undefined,       instruction::brk, instruction::brk,
        instruction::load_x1_from_x0, instruction::load_x1_from_x0, instruction::svc, instruction::svc,
        instruction::mask_interrupts, instruction::mask_interrupts};

    constexpr struct {
        unsigned index;
        ExceptionClass exception;
    } kinds[] = {{0, ExceptionClass::unknown},
                 {2, ExceptionClass::breakpoint},
                 {4, ExceptionClass::data_abort_lower},
                 {6, ExceptionClass::supervisor_call},
                 {8, ExceptionClass::system_register}};

    const Seeds seeds;
    Findings findings;
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            for (const auto& kind : kinds) {
                TrapFrame frame = Programs::frame(kind.index);
                fill_registers(frame, seeds.of(round));
                frame.x[0] >>= 20; // in the program's half, far from what is mapped
                frame.x[0] |= 1ULL << 40;
                const TrapFrame before = frame;
                Twice visitor{findings, before, kind.exception};
                Programs::run(frame, visitor);
                findings.expect(visitor.count() == 2, "an exception is missing");
                findings.expect(same_registers(before, frame), "the way out lost a register");
            }
        }
    }));
    findings.check();
}

TEST_CASE("ENT-01 ENT-11 interrupts of programs keep every register and flag, on all CPUs at once") {
    const Programs programs{instruction::branch_to_self};
    const Seeds seeds;
    Findings findings;
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            TrapFrame frame = Programs::frame();
            fill_registers(frame, seeds.of(round));
            const TrapFrame before = frame;
            Interrupted visitor;
            findings.expect(visitor.run(frame), "the interrupt is lost");
            findings.expect(same_registers(before, frame), "an interrupt lost a register");
            findings.expect(frame.pc() == Programs::code.value, "the program is elsewhere");
        }
    }));
    findings.check();
}

TEST_CASE("ENT-01 exceptions in the kernel keep every register and flag, on all CPUs at once") {
    const HookGuard call{ExceptionClass::supervisor_call, [](TrapFrame&) { return true; }};
    const HookGuard breakpoint{ExceptionClass::breakpoint, [](TrapFrame& frame) {
                                   frame.program_counter += 4;
                                   return true;
                               }};
    const Seeds seeds;
    Findings findings;
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            const Registers in = patterns(seeds.of(round));
            Registers out{};
            heddle_test_across_system_call(in, out);
            findings.expect(in == out, "a call lost a register");
            out = {};
            heddle_test_across_breakpoint(in, out);
            findings.expect(in == out, "a breakpoint lost a register");
        }
    }));
    findings.check();
}

TEST_CASE("ENT-06 a fault and an interrupt with any stack pointer are taken on the CPU's own stacks, on "
          "every CPU") {
    const HookGuard guard{ExceptionClass::data_abort, note_wild};
    const Seeds seeds;
    Findings findings;
    constexpr std::uint64_t wild_pointers[] = {
        0, 16, 0x0000'7fff'ffff'fff0, 0xffff'0000'0000'0000, 0xffff'bfff'ffff'fff0, 0xffff'ffff'ffff'fff0};
    CHECK(on_every_cpu([&] {
        Random random{seeds.of(0)};
        const auto use = [&](std::uint64_t wild) {
            CrossCall call{[](void*) {}, nullptr};
            const auto interrupts = machine::save_and_disable_interrupts();
            core::cpu::post(current().id, call);
            use_stack_pointer(wild);
            machine::restore_interrupts(interrupts);
            findings.expect(eventually([&] { return call.done(); }), "the interrupt is lost");
            const WildSeen& seen = wild_seen[current().id.value];
            const std::uint64_t top = current().machine.exception_stack;
            findings.expect(seen.stack == wild && seen.address == wild,
                            "the fault is not reported as it was");
            findings.expect(seen.handler < top && seen.handler > top - 8_KiB, "not on this CPU's stack");
        };
        for (const std::uint64_t wild : wild_pointers) {
            use(wild);
        }
        for (unsigned round = 0; round < rounds; ++round) {
            // Between the halves, where nothing can be mapped; SP's alignment is checked where the CPU does
            // so.
            use((random.next() >> 16 | 0x0001'0000'0000'0000) & ~0xfULL);
        }
    }));
    findings.check();
}

TEST_CASE(
    "ENT-11 an exception in an exception handler in an interrupt handler: each on its stack, on every CPU") {
    const HookGuard outer{ExceptionClass::breakpoint, [](TrapFrame& frame) {
                              nest[current().id.value][1] = Level::here();
                              asm volatile("svc #0x7e57");
                              frame.program_counter += 4;
                              return true;
                          }};
    const HookGuard inner{ExceptionClass::supervisor_call, [](TrapFrame&) {
                              nest[current().id.value][2] = Level::here();
                              return true;
                          }};
    Findings findings;
    CHECK(on_every_cpu([&] {
        CrossCall call{[](void*) {
                           nest[current().id.value][0] = Level::here();
                           asm volatile("brk #0x7e57");
                       },
                       nullptr};
        core::cpu::post(current().id, call);
        findings.expect(eventually([&] { return call.done(); }), "the interrupt is lost");
        const auto& [interrupt, exception, nested] = nest[current().id.value];
        const machine::CpuData& cpu = current().machine;
        findings.expect(interrupt.on(cpu.interrupt_stack, 16_KiB), "not on the interrupt stack");
        findings.expect(exception.on(cpu.exception_stack, 8_KiB), "not on the exception stack");
        findings.expect(nested.on(cpu.nested_stack, 8_KiB), "not on the nested stack");
        findings.expect(interrupt.interrupts == 1 && interrupt.exceptions == 0,
                        "an interrupt's depth is off");
        findings.expect(exception.exceptions == 1 && nested.exceptions == 2, "an exception's depth is off");
        findings.expect(cpu.exception_depth == 0 && current().interrupt_depth == 0, "a depth stays off");
    }));
    findings.check();
}

TEST_CASE("ENT-11 an interrupt handler that lets interrupts in is reported by the next one" *
          expect_panic("an interrupt inside an interrupt handler")) {
    static constinit CrossCall second{[](void*) {}, nullptr};
    CrossCall first{[](void*) {
                        core::cpu::post(current().id, second);
                        machine::enable_interrupts();
                    },
                    nullptr};
    core::cpu::post(current().id, first);
    static_cast<void>(eventually([&] { return second.done(); }));
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
