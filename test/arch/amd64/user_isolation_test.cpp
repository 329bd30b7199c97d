// SPDX-License-Identifier: BSD-2-Clause
// Programs beside each other: what one does wrong reaches it alone, and nothing of the kernel is open to any.
#include "core/machine/probe.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/programs.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/exception.hpp"

namespace heddle::test {
namespace {

using amd64::Exception;
using amd64::PageFaultError;
using machine::TrapFrame;

/// Leaves at the first entry and keeps it.
class First final : public Visitor {
  public:
    static constexpr std::uint64_t system_call_vector = 256;

    void system_call(TrapFrame& frame) override { leave(frame); }

    void exception(TrapFrame& frame) override { leave(frame); }

    std::uint64_t vector = ~std::uint64_t{0};
    std::uint64_t error_code = 0;
    std::uint64_t address = 0;
    std::uint64_t debug_status = 0;

    bool is(Exception exception) const { return vector == static_cast<std::uint64_t>(exception); }

  private:
    void leave(const TrapFrame& frame) {
        vector = frame.vector;
        error_code = frame.error_code;
        address = amd64::read_cr2();
        debug_status = amd64::read_dr6();
        amd64::clear_dr6();
        machine::leave_user();
    }
};

/// Runs `fragment` on the calling CPU up to its first entry.
First run(const char* fragment, std::uint64_t argument = 0, std::uint64_t flags = 0) {
    First visitor;
    TrapFrame frame = Programs::frame(fragment, argument);
    frame.rbx = argument;
    frame.rflags |= flags;
    Programs::run(frame, visitor);
    return visitor;
}

bool does_sums(std::uint64_t count) {
    std::uint64_t power = 1;
    for (std::uint64_t i = 0; i < count; ++i) {
        power *= 3;
    }
    First visitor;
    TrapFrame frame = Programs::frame(heddle_fragment_sums, count);
    Programs::run(frame, visitor);
    return visitor.vector == First::system_call_vector && frame.rax == count * (count + 1) / 2 &&
           frame.rdx == power;
}

void misbehave(Findings& findings) {
    constexpr std::uint64_t nowhere = 1ULL << 40;
    constexpr std::uint64_t single_step = 1U << 14; // DR6.BS
    findings.expect(run(heddle_fragment_undefined).is(Exception::invalid_opcode), "UD2");
    findings.expect(run(heddle_fragment_breakpoint).is(Exception::breakpoint), "INT3");
    findings.expect(run(heddle_fragment_divide).is(Exception::divide_error), "a division by zero");
    findings.expect(run(heddle_fragment_privileged).is(Exception::general_protection), "CLI");
    const First fault = run(heddle_fragment_fault, nowhere);
    findings.expect(fault.is(Exception::page_fault) && fault.address == nowhere, "a page fault");
    const First step = run(heddle_fragment_step, 0, Flag::trap);
    findings.expect(step.is(Exception::debug) && (step.debug_status & single_step) != 0, "a single step");
}

TEST_CASE("ENT-07 exceptions reach the program that caused them, while its neighbours compute undisturbed") {
    const Programs programs;
    Findings findings;
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < 50; ++round) {
            if (core::cpu::current().id.value % 2 != 0) {
                misbehave(findings);
            } else {
                findings.expect(does_sums(10'000 + round), "a neighbour's program was disturbed");
            }
        }
    }));
    misbehave(findings); // with one CPU there is no odd one
    findings.check();
}

TEST_CASE("ENT-07 with RFLAGS.AC an unaligned access faults the program, and never the kernel") {
    const Programs programs;
    Findings findings;
    std::atomic<unsigned> faults{0};
    CHECK(on_every_cpu([&] {
        findings.expect((amd64::read_cr0() & amd64::cr0::alignment_mask) != 0, "CR0.AM is off");
        const First with = run(heddle_fragment_unaligned, Programs::own_data().value, Flag::alignment);
        findings.expect(with.is(Exception::alignment_check) || with.vector == First::system_call_vector,
                        "another exception");
        faults.fetch_add(with.is(Exception::alignment_check) ? 1 : 0, std::memory_order_relaxed);
        const First without = run(heddle_fragment_unaligned, Programs::own_data().value);
        findings.expect(without.vector == First::system_call_vector, "a fault without the flag");
    }));
    findings.check();
    if (faults.load(std::memory_order_relaxed) == 0) {
        skip("this CPU model checks no alignment");
    } else {
        CHECK(faults.load(std::memory_order_relaxed) == core::cpu::online_count());
    }
}

TEST_CASE("ENT-09 every CPU keeps programs from kernel memory, to read, to write and to execute") {
    const Programs programs;
    Findings findings;
    CHECK(on_every_cpu([&] {
        for (const std::uint64_t address :
             {core::memory::image_text().begin.value, reinterpret_cast<std::uint64_t>(&findings),
              core::memory::to_virtual(PhysAddr{0x1000}).value, machine::cpu_pointer()}) {
            for (const char* const fragment :
                 {heddle_fragment_read, heddle_fragment_write, heddle_fragment_jump}) {
                const First seen = run(fragment, address);
                findings.expect(seen.is(Exception::page_fault), "no page fault");
                findings.expect((seen.error_code & PageFaultError::user) != 0,
                                "the fault is not a program's");
                findings.expect(seen.address == address, "the fault is elsewhere");
            }
        }
    }));
    findings.check();
}

TEST_CASE("ENT-09 what only the kernel may do faults a program, on every CPU") {
    const Programs programs;
    Findings findings;
    unsigned count = 0;
    for (const std::uint32_t* each = heddle_forbidden_fragments; *each != 0; ++each) {
        ++count;
    }
    CHECK(count == 36);
    CHECK(on_every_cpu([&] {
        for (const std::uint32_t* each = heddle_forbidden_fragments; *each != 0; ++each) {
            const First seen = run(heddle_fragment_begin + *each);
            // Undefined where the CPU does not have it in this mode, as SYSENTER by AMD's manual. QEMU 7.2
            // reads the stack of far returns with the kernel's rights, so that SMAP comes first.
            const bool smap_first = amd64::features().smap && seen.is(Exception::page_fault) &&
                                    seen.address - Programs::own_data().value < page_size;
            findings.expect(seen.is(Exception::general_protection) || seen.is(Exception::invalid_opcode) ||
                                smap_first,
                            "a program did what only the kernel may");
            findings.expect(machine::cpu_pointer() == amd64::read_msr(amd64::Msr::gs_base),
                            "the kernel's GS base is gone");
        }
    }));
    findings.check();
}

TEST_CASE("ENT-09 no CPU executes a program's memory in the kernel, or touches it unasked, where it can help "
          "it") {
    const Programs programs;
    Findings findings;
    const amd64::Features& features = amd64::features();
    CHECK(on_every_cpu([&] {
        findings.expect(!features.smep || !machine::probe_execute(Programs::code), "SMEP");
        findings.expect(machine::probe_read(Programs::own_data()).has_value() == !features.smap,
                        "SMAP, read");
        findings.expect(machine::probe_write(Programs::own_data(), 0).has_value() == !features.smap,
                        "SMAP, write");
        const First table = run(heddle_fragment_descriptor_table, Programs::own_data().value);
        findings.expect(table.is(Exception::general_protection) == features.umip, "UMIP");
    }));
    findings.check();
}

TEST_CASE("ENT-02 a program's GS base may be anything, the kernel's too, and stays the program's") {
    if (!amd64::features().fsgsbase) {
        skip("this CPU model has no FSGSBASE");
        return;
    }

    class Base final : public Visitor {
      public:
        explicit Base(Findings& findings)
            : findings_{findings} {}

        void system_call(TrapFrame& frame) override {
            findings_.expect(machine::cpu_pointer() == amd64::read_msr(amd64::Msr::gs_base),
                             "not this CPU's pointer");
            if (frame.rax != 0) {
                findings_.expect(frame.rax == frame.rdi, "the base was lost");
                machine::leave_user();
            }
        }

        void exception(TrapFrame& frame) override {
            findings_.expect(machine::cpu_pointer() == amd64::read_msr(amd64::Msr::gs_base),
                             "not this CPU's pointer");
            frame.rip += 2;
        }

      private:
        Findings& findings_;
    };

    const Programs programs;
    Findings findings;
    CHECK(on_every_cpu([&] {
        const CpuId self = core::cpu::current().id;
        const std::uint64_t neighbour = reinterpret_cast<std::uint64_t>(
            &core::cpu::local(CpuId{(self.value + 1) % core::cpu::online_count()}));
        for (const std::uint64_t base : {neighbour, machine::cpu_pointer(), std::uint64_t{8}}) {
            Base visitor{findings};
            TrapFrame frame = Programs::frame(heddle_fragment_write_gs_base, base);
            Programs::run(frame, visitor);
            const First next = run(heddle_fragment_two_calls);
            findings.expect(next.vector == First::system_call_vector, "the next program");
            findings.expect(amd64::read_msr(amd64::Msr::kernel_gs_base) == 0,
                            "a base is left to the next program");
        }
    }));
    findings.check();
}

} // namespace
} // namespace heddle::test
