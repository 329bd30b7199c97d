// SPDX-License-Identifier: BSD-2-Clause
// SErrors from the shim's timer, at a chosen count of instructions: under -icount every instruction of a
// system call's way in and out is met, as none is chosen by its address.
#include "machine/cpu.hpp"
#include "test/arch/aarch64/entry_windows.hpp"
#include "test/arch/aarch64/programs.hpp"
#include "test/arch/aarch64/serror_watch.hpp"

#include <bitset>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using machine::TrapFrame;

/// 3 · n + 1 instructions: shifts what follows against the counter, which moves once in 16 under -icount.
void spend(std::uint64_t n) {
    asm volatile("1: cbz %0, 2f\n\tsub %0, %0, #1\n\tb 1b\n2:" : "+r"(n));
}

/// Whether instructions are all that makes the counter move.
bool counts_instructions() {
    for (int attempt = 0; attempt < 8; ++attempt) {
        const auto interrupts = machine::save_and_disable_interrupts();
        const std::uint64_t begin = machine::cycle_count();
        spend(16'000);
        const std::uint64_t steps = machine::cycle_count() - begin;
        machine::restore_interrupts(interrupts);
        if (steps < 3000 || steps > 3002) {
            return false;
        }
    }
    return true;
}

bool have_timer() {
    if (!el2::present()) {
        skip("the machine does not start at EL2");
        return false;
    }
    if (!el2::have_timer_group()) {
        skip("it takes a GICv3");
        return false;
    }
    if (!counts_instructions()) {
        skip("it takes -icount");
        return false;
    }
    return true;
}

/// The timer is armed in the first of two system calls, so that it fires on the way out, in the program, or
/// on the way in again.
class ArmingCall final : public Visitor {
  public:
    ArmingCall(std::uint64_t steps, std::uint64_t fraction)
        : steps_{steps}
        , fraction_{fraction} {}

    void system_call(TrapFrame&) override {
        if (++count_ == 2) {
            machine::leave_user();
        }
        machine::disable_interrupts(); // the tick's would change what comes when
        el2::arm_timer(machine::cycle_count() + steps_);
        spend(fraction_);
    }

  private:
    const std::uint64_t steps_;
    const std::uint64_t fraction_;
    unsigned count_ = 0;
};

/// Instructions of one window that were met.
class Met {
  public:
    explicit Met(Window window)
        : window_{window} {}

    void note(std::uint64_t pc) {
        if (window_.contains(pc)) {
            met_.set((pc - window_.begin.value) / 4);
        }
    }

    bool all() const { return met_.count() == window_.instructions(); }

  private:
    Window window_;
    std::bitset<128> met_;
};

/// Steps of the counter, from arming: enough to get through the second call's entry.
constexpr std::uint64_t first_step = 2;
constexpr std::uint64_t last_step = 20;

/// Where the timer fires relative to the windows hangs on the phase in which the counter was read. All is
/// drawn at random, from the seed, until every instruction was met.
constexpr unsigned most_attempts = 40'000;

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE(
    "ENT-02 an SError from EL2's timer, swept by single instructions over a system call's way out and in") {
    if (!have_timer()) {
        return;
    }
    const Programs programs{instruction::svc, instruction::nop, instruction::svc};
    const el2::TimerGroup group;
    SErrorWatch watch;
    Findings findings;
    const Seeds seeds;
    CHECK(on_every_cpu_in_turn([&] {
        Met vector{vector_window(VECTOR_LOWER_SYNCHRONOUS)};
        Met path{system_call_window()};
        Met program{{Programs::code + 4, Programs::code + 3 * 4}}; // behind the call that arms
        el2::open_timer();
        Random random{seeds.of(0)};
        for (unsigned i = 0; i < most_attempts && !(vector.all() && path.all() && program.all()); ++i) {
            TrapFrame frame = Programs::frame();
            fill_registers(frame, random.next());
            const TrapFrame start = frame;
            ArmingCall visitor{random.between(first_step, last_step), random.below(16)};
            watch.begin();
            Programs::run(frame, visitor);
            const auto hit = el2::disarm();
            findings.expect(same_registers(start, frame), "a register is lost");
            if (hit) {
                vector.note(hit->pc);
                path.note(hit->pc);
                program.note(hit->pc);
                watch.judge(*hit, findings);
            }
        }
        el2::close_timer();
        findings.expect(vector.all(), "an instruction of the vector was not met");
        findings.expect(path.all(), "an instruction of the way in or out was not met");
        findings.expect(program.all(), "an instruction of the program was not met");
    }));
    findings.check();
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
