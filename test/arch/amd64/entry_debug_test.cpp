// SPDX-License-Identifier: BSD-2-Clause
// Debug exceptions at the doors, where the stack pointer or the GS base is a program's, and in copies of its
// memory.
#include "core/machine/machine.hpp"
#include "cpu/stacks.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/debug_register.hpp"
#include "test/arch/amd64/passages.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/trap.hpp"

#include <algorithm>

namespace heddle::test {
namespace {

using amd64::Exception;
using machine::TrapFrame;

/// What debug exceptions in the kernel found on a CPU.
struct Seen {
    std::uint64_t count = 0;
    std::uint64_t last_rip = 0;
    bool wrong_cpu = false;
    bool wrong_stack = false;
};

constinit std::array<Seen, CpuId::limit> seen{};

Seen& own() {
    return seen[core::cpu::current().id.value];
}

VirtAddr debug_stack_top() {
    const CpuId self = core::cpu::current().id;
    return (self == CpuId{0} ? amd64::boot_cpu_stacks() : amd64::cpu_stacks(self)).debug;
}

/// Leaves the decision to the kernel.
bool note(TrapFrame& frame) {
    Seen& mine = own();
    const std::uint64_t here = machine::frame_pointer();
    const std::uint64_t top = debug_stack_top().value;
    ++mine.count;
    mine.last_rip = frame.rip;
    mine.wrong_stack = mine.wrong_stack || here >= top || here < top - 8_KiB;
    mine.wrong_cpu = mine.wrong_cpu || amd64::read_msr(amd64::Msr::gs_base) != machine::cpu_pointer();
    return false;
}

class Noting {
  public:
    Noting()
        : before_{amd64::set_exception_hook(Exception::debug, note)} {
        seen = {};
    }

    ~Noting() { amd64::set_exception_hook(Exception::debug, before_); }

    Noting(const Noting&) = delete;
    Noting& operator=(const Noting&) = delete;

  private:
    amd64::ExceptionHook before_;
};

/// SWAPGS and the two instructions that switch stacks; and at the end MOV to RSP, SWAPGS, SYSRET.
std::array<std::uint64_t, 6> on_the_programs_stack() {
    const Door door = Door::system_call();
    return {door.begin, door.begin + 3, door.begin + 12, door.end - 11, door.end - 6, door.end - 3};
}

TEST_CASE(
    "ENT-03 a breakpoint on any instruction of a door, the program's stack pointer or not, does no harm, "
    "on every CPU") {
    const Passages passages;
    const Noting noting;
    Findings findings;
    const std::uint64_t seed = random().next();
    CHECK(on_every_cpu([&] {
        for (const Passage& passage : passages.all) {
            AddressSet hit{passage.door};
            for (std::uint64_t address = passage.door.begin; address < passage.door.end; ++address) {
                const std::uint64_t before = own().count;
                {
                    const DebugRegister breakpoint{address};
                    findings.expect(passage.pass(seed + address, 0), "a program was harmed");
                }
                if (own().count != before) {
                    findings.expect(own().last_rip == address, "a debug exception from elsewhere");
                    hit.insert(address);
                }
            }
            findings.expect(hit.count() >= 25, "too few instructions had a breakpoint");
            if (passage.door.begin == Door::system_call().begin) {
                const auto all = on_the_programs_stack();
                findings.expect(std::ranges::all_of(all, [&](auto address) { return hit.contains(address); }),
                                "an instruction on the program's stack had no breakpoint");
            }
        }
        findings.expect(!own().wrong_stack, "not on the CPU's debug stack");
        findings.expect(!own().wrong_cpu, "not this CPU's pointer");
    }));
    findings.check();
}

/// Goes on at debug exceptions, which may be the program's or the kernel's.
class StackSegmentLoader final : public Visitor {
  public:
    void system_call(TrapFrame&) override {
        if (++calls == 2) {
            machine::leave_user();
        }
    }

    void exception(TrapFrame& frame) override {
        debug_only = debug_only && frame.vector == static_cast<std::uint64_t>(Exception::debug);
        amd64::clear_dr6();
        if (!debug_only) {
            machine::leave_user();
        }
    }

    unsigned calls = 0;
    bool debug_only = true;
};

// What CVE-2018-8897 was: MOV SS holds a data breakpoint back until after the next instruction, SYSCALL.
TEST_CASE("ENT-03 a data breakpoint that MOV SS carries into a system call does no harm") {
    const Passages passages;
    const Noting noting;
    Findings findings;
    CHECK(on_every_cpu([&] {
        constexpr std::uint16_t own_stack_segment = 0x23;
        const VirtAddr address = Programs::own_data();
        findings.expect(machine::copy_to_user_unchecked(address, &own_stack_segment, 2) == 0, "no memory");
        const DebugRegister breakpoint{address.value, DebugRegister::When::touched, 2};
        for (unsigned round = 0; round < 20; ++round) {
            StackSegmentLoader visitor;
            TrapFrame frame = Programs::frame(heddle_fragment_load_stack_segment, address.value);
            Programs::run(frame, visitor);
            findings.expect(visitor.calls == 2 && visitor.debug_only, "a program was harmed");
        }
    }));
    findings.check();
}

TEST_CASE("ENT-03 breakpoints on a copy of user memory, its data and its code, do not disturb it") {
    const Passages passages;
    const Noting noting;
    Findings findings;
    CHECK(on_every_cpu([&] {
        std::array<char, 16> buffer{};
        const VirtAddr address = Programs::own_data();
        const std::uint64_t before = own().count;
        {
            const DebugRegister breakpoint{address.value + 8, DebugRegister::When::touched, 1};
            buffer.fill('k');
            findings.expect(machine::copy_to_user_unchecked(address, buffer.data(), buffer.size()) == 0,
                            "a copy to user memory ended early");
            buffer.fill('x');
            findings.expect(machine::copy_from_user_unchecked(buffer.data(), address, buffer.size()) == 0,
                            "a copy from user memory ended early");
        }
        findings.expect(own().count > before, "the breakpoint on data did not come");
        findings.expect(std::ranges::all_of(buffer, [](char c) { return c == 'k'; }), "a wrong copy");

        // The copies' own instructions, one of which has a fix-up that is not for this.
        const Door copies{heddle_system_call_entry_end, heddle_user_code_end};
        unsigned hits = 0;
        for (std::uint64_t code = copies.begin; code < copies.end; ++code) {
            const std::uint64_t earlier = own().count;
            const DebugRegister breakpoint{code};
            buffer.fill('x');
            findings.expect(machine::copy_from_user_unchecked(buffer.data(), address, buffer.size()) == 0,
                            "a breakpoint ended a copy");
            findings.expect(buffer[15] == 'k', "a wrong copy");
            hits += own().count != earlier ? 1 : 0;
        }
        findings.expect(hits >= 4, "too few instructions had a breakpoint");
    }));
    findings.check();
}

} // namespace
} // namespace heddle::test
