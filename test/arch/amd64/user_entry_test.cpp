// SPDX-License-Identifier: BSD-2-Clause
// Programs on all CPUs at once: every way in and out keeps their registers, and what they do wrong, or want
// to have, stays theirs.
#include "core/cpu/cpu_local.hpp"
#include "core/memory/image.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "interrupt/local_apic.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/programs.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/trap.hpp"

#include <array>

namespace heddle::test {
namespace {

using amd64::Exception;
using machine::TrapFrame;

constexpr unsigned rounds = 20;
constexpr std::uint64_t not_canonical = 0x1234'0000'0000'0000;
constexpr std::uint64_t user_end = (1ULL << 47) - page_size;

std::uint64_t vector(Exception exception) {
    return static_cast<std::uint64_t>(exception);
}

/// A seed for the calling CPU in `round`; the case's generator is the runner's.
class Seeds {
  public:
    std::uint64_t of(unsigned round) const {
        return base_ + (std::uint64_t{core::cpu::current().id.value} << 32) + round;
    }

  private:
    const std::uint64_t base_ = random().next();
};

/// Compares the registers at two exceptions, and goes on behind the first one.
class TwoExceptions final : public Visitor {
  public:
    TwoExceptions(Findings& findings, const TrapFrame& expected, Exception exception, unsigned skip)
        : findings_{findings}
        , expected_{expected}
        , exception_{exception}
        , skip_{skip} {}

    void exception(TrapFrame& frame) override {
        findings_.expect(frame.vector == vector(exception_), "another exception");
        findings_.expect(frame.from_user(), "not from user mode");
        findings_.expect(same_registers(expected_, frame), "an exception lost a register");
        findings_.expect(
            (machine::read_flags() & (Flag::direction | Flag::alignment | machine::interrupt_flag)) == 0,
            "DF, AC or IF is on in the kernel");
        if (++count_ == 2) {
            machine::leave_user();
        }
        frame.rip += skip_;
    }

    unsigned count() const { return count_; }

  private:
    Findings& findings_;
    const TrapFrame& expected_;
    const Exception exception_;
    const unsigned skip_; ///< bytes; none after a trap
    unsigned count_ = 0;
};

struct Kind {
    const char* fragment;
    Exception exception;
    unsigned skip;
};

TEST_CASE("ENT-01 ENT-04 every exception of a program keeps every register and flag, on all CPUs at once") {
    const Programs programs;
    const Seeds seeds;
    Findings findings;
    const std::array kinds{Kind{heddle_fragment_undefined, Exception::invalid_opcode, 2},
                           Kind{heddle_fragment_breakpoint, Exception::breakpoint, 0},
                           Kind{heddle_fragment_divide, Exception::divide_error, 2},
                           Kind{heddle_fragment_fault, Exception::page_fault, 2},
                           Kind{heddle_fragment_step, Exception::debug, 0}};
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            for (const Kind& kind : kinds) {
                TrapFrame frame = Programs::frame(kind.fragment);
                fill_registers(frame, seeds.of(round));
                frame.rcx = kind.exception == Exception::divide_error ? 0 : frame.rcx;
                // Somewhere in the program's half, far from what is mapped.
                frame.rbx =
                    kind.exception == Exception::page_fault ? frame.rbx >> 20 | 1ULL << 40 : frame.rbx;
                frame.rflags |= kind.exception == Exception::debug ? Flag::trap : 0;
                const TrapFrame before = frame;
                TwoExceptions visitor{findings, before, kind.exception, kind.skip};
                Programs::run(frame, visitor);
                findings.expect(visitor.count() == 2, "an exception is missing");
                findings.expect(same_registers(before, frame), "the way out lost a register");
            }
        }
    }));
    findings.check();
}

/// Two system calls, the first of which gives a result.
class TwoCalls final : public Visitor {
  public:
    TwoCalls(Findings& findings, const TrapFrame& expected, bool by_iret)
        : findings_{findings}
        , expected_{expected}
        , by_iret_{by_iret} {}

    void system_call(TrapFrame& frame) override {
        constexpr std::uint64_t result = 0x0123'4567'89ab'cdef;
        constexpr std::uint64_t nested_task = 1U << 14;
        findings_.expect(same_registers(expected_, frame, true), "a system call lost a register");
        findings_.expect(
            (machine::read_flags() & (Flag::trap | Flag::direction | Flag::alignment | nested_task)) == 0,
            "TF, DF, AC or NT is on in a system call");
        if (++count_ == 2) {
            machine::leave_user();
        }
        machine::set_system_call_result(frame, result);
        expected_.rax = result;
        if (by_iret_) {
            frame.rcx = expected_.rcx; // other than SYSRET would have it
        }
    }

    void exception(TrapFrame& frame) override {
        findings_.expect(frame.vector == vector(Exception::debug), "an exception");
        amd64::clear_dr6();
    }

  private:
    Findings& findings_;
    TrapFrame expected_;
    const bool by_iret_;
    unsigned count_ = 0;
};

TEST_CASE(
    "ENT-01 ENT-04 a system call keeps every register and flag by SYSRET and by IRET, on all CPUs at once") {
    const Programs programs;
    const Seeds seeds;
    Findings findings;
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            for (const std::uint64_t flags : {std::uint64_t{0}, Flag::trap}) {
                TrapFrame frame = Programs::frame(heddle_fragment_two_calls);
                fill_registers(frame, seeds.of(round));
                frame.rflags |= flags;
                TwoCalls visitor{findings, frame, round % 2 != 0};
                Programs::run(frame, visitor);
            }
        }
    }));
    findings.check();
    constexpr std::uint64_t cleared = 0x4'7700 | Flag::resume;
    CHECK((amd64::read_msr(amd64::Msr::system_call_mask) & cleared) == cleared);
}

/// An exception that leaves an interrupt pending for the program.
class Interrupted final : public Visitor {
  public:
    Interrupted(Findings& findings, const TrapFrame& expected)
        : findings_{findings}
        , expected_{expected} {}

    void exception(TrapFrame& frame) override {
        findings_.expect(same_registers(expected_, frame), "an exception lost a register");
        if (works_ != 0) {
            machine::leave_user();
        }
        amd64::local_apic().interrupt_self(test_vector); // interrupts are off
        frame.rip += 2;
    }

    void work(TrapFrame& frame, std::uint32_t) override {
        ++works_;
        findings_.expect(frame.vector == test_vector, "work, but not after the interrupt");
        findings_.expect(same_registers(expected_, frame), "an interrupt lost a register");
    }

    unsigned works() const { return works_; }

  private:
    Findings& findings_;
    const TrapFrame& expected_;
    unsigned works_ = 0;
};

constinit std::array<std::uint64_t, CpuId::limit> interrupt_flags{};

void request_work(std::uint8_t) {
    const CpuId self = core::cpu::current().id;
    interrupt_flags[self.value] |= machine::read_flags();
    core::user::request_work(self, 1);
    amd64::local_apic().end_of_interrupt();
}

TEST_CASE("ENT-01 ENT-04 an interrupt of a program keeps every register and flag, on all CPUs at once") {
    const Programs programs;
    const Seeds seeds;
    Findings findings;
    interrupt_flags = {};
    amd64::set_vector_handler(test_vector, request_work);
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            TrapFrame frame = Programs::frame(heddle_fragment_interrupted);
            fill_registers(frame, seeds.of(round));
            const TrapFrame before = frame;
            Interrupted visitor{findings, before};
            Programs::run(frame, visitor);
            findings.expect(visitor.works() == 1, "work is done once");
        }
        const std::uint64_t flags = interrupt_flags[core::cpu::current().id.value];
        findings.expect(flags != 0, "no interrupt");
        findings.expect((flags & (Flag::direction | Flag::alignment)) == 0, "DF or AC is on in a handler");
    }));
    amd64::set_vector_handler(test_vector, nullptr);
    findings.check();
}

/// At its first entry of a kind, returns to somewhere wild with garbage in segments and flags.
class Wild final : public Visitor {
  public:
    Wild(Findings& findings, std::uint64_t target, std::uint64_t garbage, Exception expected)
        : findings_{findings}
        , target_{target}
        , garbage_{garbage}
        , expected_{expected} {}

    void system_call(TrapFrame& frame) override { send_off(frame); }

    void work(TrapFrame& frame, std::uint32_t) override { send_off(frame); }

    void exception(TrapFrame& frame) override {
        if (!sent_off_) {
            send_off(frame);
            return;
        }
        constexpr std::uint64_t privileged = 0x1a'7000; // VIP, VIF, VM, NT, IOPL
        findings_.expect(frame.vector == vector(expected_), "not the exception that the target deserves");
        findings_.expect(frame.from_user() && frame.rip == target_, "the fault is not the program's");
        findings_.expect(frame.cs == 0x2b && frame.ss == 0x23, "a program got other segments");
        findings_.expect((frame.rflags & privileged) == 0, "a program got privileged flags");
        findings_.expect((frame.rflags & machine::interrupt_flag) != 0, "a program turned interrupts off");
        machine::leave_user();
    }

  private:
    void send_off(TrapFrame& frame) {
        sent_off_ = true;
        frame.rip = target_;
        frame.cs = garbage_;
        frame.ss = garbage_ >> 16;
        frame.rflags = garbage_ >> 7 & ~Flag::trap;
        frame.rcx = garbage_ % 2 != 0 ? target_ : garbage_; // as SYSRET would want it, or not
        frame.r11 = frame.rflags;
    }

    Findings& findings_;
    const std::uint64_t target_;
    const std::uint64_t garbage_;
    const Exception expected_;
    bool sent_off_ = false;
};

TEST_CASE("ENT-05 a wild return, with garbage in segments and flags, faults the program, by each way out") {
    const Programs programs;
    const Seeds seeds;
    Findings findings;
    const std::array<std::pair<std::uint64_t, Exception>, 6> targets{
        {{not_canonical, Exception::general_protection},
         {1ULL << 47, Exception::general_protection},
         {user_end, Exception::general_protection},
         {core::memory::image_text().begin.value, Exception::general_protection},
         {~std::uint64_t{0}, Exception::general_protection},
         {user_end - 1, Exception::page_fault}}};
    CHECK(on_every_cpu([&] {
        for (unsigned round = 0; round < rounds; ++round) {
            for (const auto& [target, expected] : targets) {
                for (const char* const fragment : {heddle_fragment_two_calls, heddle_fragment_undefined}) {
                    Wild visitor{findings, target, Random{seeds.of(round)}.next(), expected};
                    TrapFrame frame = Programs::frame(fragment);
                    Programs::run(frame, visitor);
                }
                Wild visitor{findings, target, Random{seeds.of(round)}.next(), expected};
                core::user::request_work(core::cpu::current().id, 1);
                TrapFrame frame = Programs::frame(heddle_fragment_spin);
                Programs::run(frame, visitor);
            }
        }
    }));
    findings.check();
}

} // namespace
} // namespace heddle::test
