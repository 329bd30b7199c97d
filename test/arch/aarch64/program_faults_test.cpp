// SPDX-License-Identifier: BSD-2-Clause
// What a program does wrong, or is debugged with, stays its own: other CPUs run programs meanwhile that
// nothing disturbs. And what the kernel may not do with a program's memory.
#include "core/machine/probe.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"
#include "test/arch/aarch64/programs.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/exception.hpp"

#include <array>
#include <atomic>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using aarch64::ExceptionClass;
using aarch64::Syndrome;
using core::cpu::current;
using machine::TrapFrame;

constexpr unsigned rounds = 40;
constexpr std::uint64_t step = 1U << 21; // PSTATE.SS
constexpr std::uint64_t debug = 1U << 9; // PSTATE.D
constexpr std::uint64_t stepping = 1;    // MDSCR_EL1.SS
constexpr std::uint32_t add_x1_1 = 0x9100'0421;
constexpr std::uint32_t branch_back_1 = 0x17ff'ffff;

enum : unsigned {
    at_undefined,
    at_brk,
    at_load_exclusive,
    at_jump,
    at_privileged,
    at_steps,
    at_sum = at_steps + 4
};

/// One exception of a certain class at a certain instruction, which ends the run.
class OneFault final : public Visitor {
  public:
    OneFault(Findings& findings, ExceptionClass exception, std::uint64_t pc)
        : findings_{findings}
        , exception_{exception}
        , pc_{pc} {}

    void exception(TrapFrame& frame) override {
        ++count_;
        findings_.expect(Syndrome{frame.syndrome}.exception_class() == exception_, "another exception");
        findings_.expect(frame.pc() == pc_, "an exception elsewhere");
        machine::leave_user();
    }

    bool came() const { return count_ == 1; }

  private:
    Findings& findings_;
    const ExceptionClass exception_;
    const std::uint64_t pc_;
    unsigned count_ = 0;
};

/// Steps through the three instructions at at_steps and the call behind them.
class Steps final : public Visitor {
  public:
    explicit Steps(Findings& findings)
        : findings_{findings} {}

    void exception(TrapFrame& frame) override {
        findings_.expect(Syndrome{frame.syndrome}.exception_class() == ExceptionClass::software_step_lower,
                         "no step");
        findings_.expect(masked(), "the kernel could be stepped");
        findings_.expect(frame.pc() == (Programs::code + (at_steps + ++count_) * 4).value,
                         "a step of another size");
        if (called_) {
            machine::leave_user();
        }
        frame.pstate |= step;
    }

    void system_call(TrapFrame&) override {
        called_ = true;
        findings_.expect(masked(), "the kernel could be stepped");
    }

    unsigned count() const { return count_; }

  private:
    static bool masked() { return (READ_SYSTEM_REGISTER(daif) & debug) != 0; }

    Findings& findings_;
    unsigned count_ = 0;
    bool called_ = false;
};

/// Work that the CPU before this one asks for.
constexpr std::uint32_t look = 1;
constexpr std::uint32_t end = 2;

/// Adds up for ever; only work that is asked for ends it, and nothing else may come.
class Undisturbed final : public Visitor {
  public:
    /// `ran` becomes true when it has been interrupted in the middle of its sum.
    Undisturbed(Findings& findings, std::atomic<bool>& ran)
        : findings_{findings}
        , ran_{ran} {}

    void exception(TrapFrame&) override {
        findings_.expect(false, "another CPU's exception");
        machine::leave_user();
    }

    void system_call(TrapFrame&) override {
        findings_.expect(false, "a system call that no program made");
        machine::leave_user();
    }

    void work(TrapFrame&, std::uint32_t flags) override {
        ended_ = (flags & end) != 0;
        machine::leave_user();
    }

    /// Runs until the CPU before this one is through.
    void run() {
        while (!ended_) {
            TrapFrame frame = Programs::frame(at_sum);
            const TrapFrame before = frame;
            Programs::run(frame, *this);
            ran_ = ran_ || frame.x[1] != 0;
            frame.x[1] = before.x[1];
            findings_.expect(same_registers(before, frame), "a neighbour lost a register");
        }
    }

  private:
    Findings& findings_;
    std::atomic<bool>& ran_;
    bool ended_ = false;
};

/// The CPU that runs undisturbed beside the calling one; there may be none.
CpuId neighbour_here() {
    return CpuId{current().id.value + 1};
}

void ask(CpuId neighbour, std::uint32_t flags) {
    if (core::cpu::online().contains(neighbour)) {
        core::user::request_work(neighbour, flags);
        core::cpu::send_notification(CpuSet::of(neighbour), machine::Notification::reschedule);
    }
}

void fault_in_every_way(Findings& findings) {
    const auto at = [](unsigned index) { return (Programs::code + index * 4).value; };
    const std::uint64_t odd = Programs::code.value + 2;

    const struct {
        unsigned index;
        ExceptionClass exception;
        std::uint64_t pc;
        std::uint64_t argument;
    } kinds[] = {{at_undefined, ExceptionClass::unknown, at(at_undefined), 0},
                 {at_brk, ExceptionClass::breakpoint, at(at_brk), 0},
                 {at_load_exclusive, ExceptionClass::data_abort_lower, at(at_load_exclusive),
                  Programs::own_data().value + 1},
                 {at_jump, ExceptionClass::pc_alignment, odd, odd},
                 {at_privileged, ExceptionClass::system_register, at(at_privileged), 0}};

    for (const auto& kind : kinds) {
        TrapFrame frame = Programs::frame(kind.index, kind.argument);
        OneFault visitor{findings, kind.exception, kind.pc};
        Programs::run(frame, visitor);
        findings.expect(visitor.came(), "a fault is missing");
        constexpr std::uint32_t alignment_fault = 0b100001;
        findings.expect(kind.index != at_load_exclusive ||
                            Syndrome{frame.syndrome}.fault_status() == alignment_fault,
                        "no alignment fault");
    }
}

void step_through(Findings& findings) {
    TrapFrame frame = Programs::frame(at_steps);
    frame.pstate |= step;
    Steps visitor{findings};
    WRITE_SYSTEM_REGISTER(mdscr_el1, stepping);
    Programs::run(frame, visitor);
    WRITE_SYSTEM_REGISTER(mdscr_el1, 0);
    findings.expect(visitor.count() == 4, "a step is missing");
}

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE(
    "ENT-07 undefined instructions, breakpoints, alignment and single steps reach their own program, no "
    "neighbour") {
    const Programs programs{instruction::undefined,
                            instruction::brk,
                            instruction::load_exclusive_x1_from_x0,
                            instruction::branch_to_x0,
                            instruction::mask_interrupts,
                            instruction::nop,
                            instruction::nop,
                            instruction::nop,
                            instruction::svc,
                            add_x1_1,
                            branch_back_1};
    Findings findings;
    std::array<std::atomic<bool>, CpuId::limit + 1> ran{};
    CHECK(on_every_cpu([&] {
        if (current().id.value % 2 != 0) {
            Undisturbed{findings, ran[current().id.value]}.run();
            return;
        }
        const CpuId neighbour = neighbour_here();
        const auto seen_running = [&] {
            return !core::cpu::online().contains(neighbour) || ran[neighbour.value].load();
        };
        const auto round = [&] {
            fault_in_every_way(findings);
            step_through(findings);
            ask(neighbour, look);
        };
        for (unsigned i = 0; i < rounds; ++i) {
            round();
        }
        findings.expect(eventually([&] {
                            round();
                            return seen_running();
                        }),
                        "the neighbour has not run");
        ask(neighbour, end);
    }));
    findings.check();
}

TEST_CASE("ENT-09 the kernel can neither execute programs' memory nor, with PAN, touch it, on every CPU") {
    const Programs programs{machine::return_instruction};
    Findings findings;
    CHECK(on_every_cpu([&] {
        const bool never = aarch64::cpu_features.privileged_access_never;
        findings.expect(!machine::probe_execute(Programs::code), "the kernel runs a program's code");
        findings.expect(machine::probe_read(Programs::own_data()).has_value() != never, "read against PAN");
        findings.expect(machine::probe_write(Programs::own_data(), 1).has_value() != never,
                        "written against PAN");
        // Exceptions and interrupts come back with PAN as it was, and set it inside.
        TrapFrame frame = Programs::frame(0);
        frame.program_counter = Programs::own_data().value; // not executable
        OneFault visitor{findings, ExceptionClass::instruction_abort_lower, Programs::own_data().value};
        Programs::run(frame, visitor);
        findings.expect(machine::probe_read(Programs::own_data()).has_value() != never,
                        "PAN is lost on the way");
    }));
    findings.check();
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
