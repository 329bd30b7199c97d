// SPDX-License-Identifier: BSD-2-Clause
// An SError at every instruction of the ways into the kernel and out of it, on all CPUs, by the shim's
// breakpoint.
#include "core/cpu/cross_call.hpp"
#include "machine/cpu.hpp"
#include "test/arch/aarch64/entry_windows.hpp"
#include "test/arch/aarch64/programs.hpp"
#include "test/arch/aarch64/registers.hpp"
#include "test/arch/aarch64/serror_watch.hpp"

#include <atomic>
#include <doctest/doctest.h>

extern "C" {
bool heddle_handle_system_call(heddle::machine::TrapFrame& frame);
void heddle_handle_interrupt(heddle::machine::TrapFrame& frame);
void heddle_handle_serror(heddle::machine::TrapFrame& frame);
}

namespace heddle::test {
namespace {

using core::cpu::CrossCall;
using machine::TrapFrame;

bool have_shim() {
    if (el2::present()) {
        return true;
    }
    skip("the machine does not start at EL2");
    return false;
}

/// What the sweeps of all CPUs have in common.
struct Sweep {
    SErrorWatch watch;
    Findings findings;
    std::atomic<std::uint32_t> instructions{0}; ///< at which one became pending, over all CPUs

    /// Calls `drive()` with an SError becoming pending at each instruction of `window` in turn. `all`: every
    /// one must be on `drive`'s way; `masked`: SErrors must be masked there.
    template <class Drive>
    void over(Window window, bool all, bool masked, Drive drive) {
        for (VirtAddr at = window.begin; at < window.end; at = at + 4) {
            watch.begin();
            el2::arm_breakpoint(at);
            drive();
            const auto hit = el2::disarm();
            if (!hit) {
                findings.expect(!all, "an instruction of the window was not executed");
                continue;
            }
            instructions.fetch_add(1, std::memory_order_relaxed);
            findings.expect(hit->pc == at.value, "it became pending elsewhere");
            findings.expect(hit->masked || !masked, "SErrors are let in inside of entry or exit");
            watch.judge(*hit, findings);
        }
    }

    void check(std::uint32_t least_per_cpu) const {
        findings.check();
        CHECK(instructions.load() >= least_per_cpu * core::cpu::online_count());
    }
};

/// Two system calls, of which the first is returned from.
class TwoCalls final : public Visitor {
  public:
    void system_call(TrapFrame& frame) override {
        if (++count_ == 2) {
            machine::leave_user();
        }
        first_ = frame;
    }

    bool kept(const TrapFrame& start, const TrapFrame& end) const {
        return count_ == 2 && same_registers(start, first_) && same_registers(start, end);
    }

  private:
    TrapFrame first_{};
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

Window first_instructions(const void* function, std::size_t count) {
    return {VirtAddr::of(function), VirtAddr::of(function) + count * 4};
}

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE(
    "ENT-02 an SError at any instruction of a system call's way in and out finds its stack and its CPU") {
    if (!have_shim()) {
        return;
    }
    const Programs programs{instruction::svc, instruction::nop, instruction::svc};
    Sweep sweep;
    const Seeds seeds;
    CHECK(on_every_cpu([&] {
        const auto drive = [&] {
            TrapFrame frame = Programs::frame();
            fill_registers(frame, seeds.of(0));
            const TrapFrame start = frame;
            TwoCalls visitor;
            Programs::run(frame, visitor);
            sweep.findings.expect(visitor.kept(start, frame), "a register is lost");
        };
        sweep.over(vector_window(VECTOR_LOWER_SYNCHRONOUS), true, true, drive);
        sweep.over(system_call_window(), true, false, drive);
        sweep.over({Programs::code, Programs::code + 3 * 4}, true, false, drive);
        sweep.over(first_instructions(reinterpret_cast<const void*>(heddle_handle_system_call), 24), false,
                   false, drive);
    }));
    sweep.check(80);
}

TEST_CASE("ENT-02 an SError at any instruction of a program's interrupt's way in and out, likewise") {
    if (!have_shim()) {
        return;
    }
    const Programs programs{instruction::branch_to_self};
    Sweep sweep;
    const Seeds seeds;
    CHECK(on_every_cpu([&] {
        const auto drive = [&] {
            TrapFrame frame = Programs::frame();
            fill_registers(frame, seeds.of(1));
            const TrapFrame start = frame;
            Interrupted visitor;
            sweep.findings.expect(visitor.run(frame), "the interrupt is lost");
            sweep.findings.expect(same_registers(start, frame), "a register is lost");
        };
        sweep.over(vector_window(VECTOR_LOWER_IRQ), true, true, drive);
        sweep.over(user_interrupt_window(), true, false, drive);
        sweep.over(first_instructions(reinterpret_cast<const void*>(heddle_handle_interrupt), 24), false,
                   false, drive);
    }));
    sweep.check(50);
}

TEST_CASE("ENT-02 an SError at any instruction of the kernel's interrupts and exceptions, likewise") {
    if (!have_shim()) {
        return;
    }
    Sweep sweep;
    const Seeds seeds;
    const auto before = aarch64::set_exception_hook(aarch64::ExceptionClass::supervisor_call,
                                                    [](TrapFrame&) { return true; });
    CHECK(on_every_cpu([&] {
        const auto call = [&] {
            const Registers in = patterns(seeds.of(2));
            Registers out{};
            heddle_test_across_system_call(in, out);
            sweep.findings.expect(in == out, "an exception lost a register");
        };
        const auto interrupt = [&] {
            const Registers in = patterns(seeds.of(3));
            Registers out{};
            CrossCall to_self{[](void*) {}, nullptr};
            const auto interrupts = machine::save_and_disable_interrupts();
            core::cpu::post(core::cpu::current().id, to_self);
            heddle_test_across_interrupt(in, out);
            machine::restore_interrupts(interrupts);
            sweep.findings.expect(eventually([&] { return to_self.done(); }), "an interrupt is lost");
            sweep.findings.expect(in == out, "an interrupt lost a register");
        };
        sweep.over(vector_window(VECTOR_SP0_SYNCHRONOUS), true, true, call);
        sweep.over(window(heddle_kernel_synchronous, heddle_kernel_synchronous_end), true, false, call);
        sweep.over(vector_window(VECTOR_SP0_IRQ), true, true, interrupt);
        sweep.over(window(heddle_kernel_interrupt, heddle_kernel_restore_end), true, false, interrupt);
    }));
    aarch64::set_exception_hook(aarch64::ExceptionClass::supervisor_call, before);
    sweep.check(90);
}

TEST_CASE("an SError that nobody expects is reported" * expect_panic("SError, syndrome 0xbe000011")) {
    TrapFrame frame{};
    frame.vector = VECTOR_SP0_SERROR;
    frame.syndrome = 0xbe00'0011;
    heddle_handle_serror(frame);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
