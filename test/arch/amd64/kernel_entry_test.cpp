// SPDX-License-Identifier: BSD-2-Clause
// Exceptions and interrupts of the kernel itself on every CPU: what they keep, the stacks that they run on,
// and how they nest.
#include "core/machine/machine.hpp"
#include "core/memory/layout.hpp"
#include "core/sync/interrupts_off.hpp"
#include "cpu/registers.hpp"
#include "cpu/stacks.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/programs.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/trap.hpp"

namespace heddle::test {
namespace {

using amd64::Exception;
using machine::TrapFrame;

/// Never mapped: the arena hands out addresses from its beginning.
constexpr VirtAddr unmapped = core::memory::arena_base + (core::memory::arena_size - page_size);

/// What the last handler on a CPU saw.
struct Seen {
    unsigned count = 0;
    std::uint64_t vector = 0;
    std::uint64_t flags = 0;
    std::uint64_t stack = 0;
    std::uint64_t gs_base = 0;
    std::uint32_t depth = 0;
};

constinit std::array<Seen, CpuId::limit> seen{};

/// What nests(): the depth at each of interrupt, NMI, machine check, debug exception.
constinit std::array<std::array<Seen, 4>, CpuId::limit> nested{};

Seen look(const TrapFrame* frame, unsigned count) {
    return {.count = count,
            .vector = frame != nullptr ? frame->vector : std::uint64_t{test_vector},
            .flags = machine::read_flags(),
            .stack = machine::frame_pointer(),
            .gs_base = amd64::read_msr(amd64::Msr::gs_base),
            .depth = core::cpu::current().interrupt_depth};
}

void note(const TrapFrame* frame) {
    Seen& mine = seen[core::cpu::current().id.value];
    mine = look(frame, mine.count + 1);
}

bool note_exception(TrapFrame& frame) {
    note(&frame);
    return true;
}

void note_interrupt(std::uint8_t) {
    note(nullptr);
}

/// Puts RSP back where heddle_test_double_fault() has it.
bool note_and_recover(TrapFrame& frame) {
    note(&frame);
    frame.rsp = frame.rbx;
    frame.rip = reinterpret_cast<std::uintptr_t>(heddle_test_double_fault_target);
    return true;
}

std::array<Seen, 4>& own_nested() {
    return nested[core::cpu::current().id.value];
}

void nest_interrupt(std::uint8_t) {
    own_nested()[0] = look(nullptr, 1);
    asm volatile("int $2" : : : "memory");
}

bool nest_non_maskable(TrapFrame& frame) {
    own_nested()[1] = look(&frame, 1);
    asm volatile("int $18" : : : "memory");
    return true;
}

bool nest_machine_check(TrapFrame& frame) {
    own_nested()[2] = look(&frame, 1);
    asm volatile("int $1" : : : "memory");
    return true;
}

bool nest_debug(TrapFrame& frame) {
    own_nested()[3] = look(&frame, 1);
    return true;
}

struct Stack {
    VirtAddr top;
    std::uint64_t size;

    bool holds(std::uint64_t address) const { return address < top.value && address >= top.value - size; }
};

amd64::CpuStacks own_stacks() {
    const CpuId self = core::cpu::current().id;
    return self == CpuId{0} ? amd64::boot_cpu_stacks() : amd64::cpu_stacks(self);
}

/// The stack of its own that an exception has on the calling CPU, or the interrupt stack.
Stack stack_of(std::uint64_t vector) {
    const amd64::CpuStacks stacks = own_stacks();
    switch (static_cast<Exception>(vector)) {
    case Exception::debug: return {stacks.debug, 8_KiB};
    case Exception::non_maskable_interrupt: return {stacks.non_maskable, 8_KiB};
    case Exception::double_fault: return {stacks.double_fault, 8_KiB};
    case Exception::machine_check: return {stacks.machine_check, 8_KiB};
    default: return {stacks.interrupt, 16_KiB};
    }
}

/// Hooks and a vector handler for a block.
class Handled {
  public:
    Handled(amd64::VectorHandler interrupt, amd64::ExceptionHook debug, amd64::ExceptionHook non_maskable,
            amd64::ExceptionHook machine_check)
        : before_{amd64::set_exception_hook(Exception::debug, debug),
                  amd64::set_exception_hook(Exception::non_maskable_interrupt, non_maskable),
                  amd64::set_exception_hook(Exception::machine_check, machine_check),
                  amd64::set_exception_hook(Exception::breakpoint, note_exception),
                  amd64::set_exception_hook(Exception::double_fault, note_and_recover)} {
        amd64::set_vector_handler(test_vector, interrupt);
        seen = {};
        nested = {};
    }

    ~Handled() {
        amd64::set_vector_handler(test_vector, nullptr);
        amd64::set_exception_hook(Exception::debug, before_[0]);
        amd64::set_exception_hook(Exception::non_maskable_interrupt, before_[1]);
        amd64::set_exception_hook(Exception::machine_check, before_[2]);
        amd64::set_exception_hook(Exception::breakpoint, before_[3]);
        amd64::set_exception_hook(Exception::double_fault, before_[4]);
    }

    Handled(const Handled&) = delete;
    Handled& operator=(const Handled&) = delete;

  private:
    std::array<amd64::ExceptionHook, 5> before_;
};

struct Kind {
    void (*raise)(const Registers* before, Registers* after);
    std::uint64_t vector;
    bool has_own_stack;
    std::uint32_t depth; ///< of handlers, while it is handled
};

TEST_CASE(
    "ENT-01 ENT-02 every way into the kernel from itself keeps every register and flag, on its own stack, "
    "on all CPUs at once") {
    const Handled handled{note_interrupt, note_exception, note_exception, note_exception};
    Findings findings;
    const std::uint64_t seed = random().next();
    constexpr std::array kinds{Kind{heddle_test_breakpoint_with_registers, 3, false, 0},
                               Kind{heddle_test_interrupt_with_registers, test_vector, true, 1},
                               Kind{heddle_test_debug_with_registers, 1, true, 0},
                               Kind{heddle_test_non_maskable_with_registers, 2, true, 1},
                               Kind{heddle_test_machine_check_with_registers, 18, true, 1}};
    CHECK(on_every_cpu([&] {
        constexpr std::uint64_t programs = Flag::status | Flag::direction | Flag::alignment;
        const CpuId self = core::cpu::current().id;
        const std::uint64_t gs_base = amd64::read_msr(amd64::Msr::gs_base);
        Random generator{seed + self.value};
        for (unsigned round = 0; round < 50; ++round) {
            for (const Kind& kind : kinds) {
                Registers before{};
                for (auto& value : before.values) {
                    value = generator.next();
                }
                before.values[Registers::rflags] =
                    (before.values[Registers::rflags] & programs) | Flag::always_set;
                Registers after{};
                const core::sync::InterruptsOff off; // while the registers are not C++'s
                kind.raise(&before, &after);
                const Seen& mine = seen[self.value];
                findings.expect(after == before, "a register was lost");
                findings.expect(mine.vector == kind.vector, "another exception");
                findings.expect(
                    (mine.flags & (Flag::direction | Flag::alignment | machine::interrupt_flag)) == 0,
                    "DF, AC or IF is on in a handler");
                findings.expect(!kind.has_own_stack || stack_of(kind.vector).holds(mine.stack),
                                "a wrong stack");
                findings.expect(mine.gs_base == gs_base, "a wrong GS base");
                findings.expect(mine.depth == kind.depth, "a wrong depth of handlers");
            }
        }
        findings.expect(seen[self.value].count == 50 * kinds.size(), "one was not handled");
    }));
    findings.check();
}

TEST_CASE("ENT-02 a double fault runs on the CPU's stack for it, on every CPU") {
    const Handled handled{note_interrupt, note_exception, note_exception, note_exception};
    Findings findings;
    CHECK(on_every_cpu([&] {
        const CpuId self = core::cpu::current().id;
        for (unsigned round = 0; round < 20; ++round) {
            const core::sync::InterruptsOff off;
            heddle_test_double_fault((unmapped + 8 * round).value);
            const Seen& mine = seen[self.value];
            findings.expect(mine.count == round + 1, "not one double fault");
            findings.expect(mine.vector == 8, "another exception");
            findings.expect(stack_of(8).holds(mine.stack), "a wrong stack");
            findings.expect(mine.gs_base == machine::cpu_pointer(), "a wrong GS base");
            findings.expect(amd64::read_cr2() >= unmapped.value - 8, "another page fault before it");
        }
    }));
    findings.check();
}

TEST_CASE("ENT-11 what cannot be masked nests in handlers, each on its stack, three deep and no trace of it "
          "left, on every CPU") {
    const Handled handled{nest_interrupt, nest_debug, nest_non_maskable, nest_machine_check};
    Findings findings;
    CHECK(on_every_cpu([&] {
        const core::cpu::CpuLocal& cpu = core::cpu::current();
        for (unsigned round = 0; round < 20; ++round) {
            asm volatile("int %0" : : "i"(test_vector) : "memory");
            constexpr std::array<std::uint32_t, 4> depths{1, 2, 3, 3}; // an exception is no handler's
            for (std::size_t i = 0; i < depths.size(); ++i) {
                const Seen& each = own_nested()[i];
                findings.expect(each.count == 1 && each.depth == depths[i], "a wrong depth");
                findings.expect(stack_of(each.vector).holds(each.stack), "a wrong stack");
            }
            findings.expect(cpu.interrupt_depth == 0 && cpu.machine.interrupt_nesting == 0,
                            "something is left");
            own_nested() = {};
        }
    }));
    findings.check();
}

} // namespace
} // namespace heddle::test
