// SPDX-License-Identifier: BSD-2-Clause
// Non-maskable interrupts at every instruction of the kernel's entries from itself: the local APIC's timer
// raises them after a count that is swept. Under `-icount` a count is an instruction; else the sweep hits
// where the host's timers let it. Programs' entries: nmi_sweep_test.cpp.
#include "core/cpu/cpu_local.hpp"
#include "core/machine/machine.hpp"
#include "core/sync/interrupts_off.hpp"
#include "cpu/stacks.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/nmi_timer.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "trap/trap.hpp"

namespace heddle::test {
namespace {

using amd64::Exception;
using machine::TrapFrame;

constexpr std::uint32_t last_count = 500; ///< instructions from arming the timer to after the way back
constexpr std::uint64_t status_flags = 0x8d5;
constexpr std::uint64_t always_set_flag = 1U << 1;

struct Seen {
    unsigned count = 0;
    unsigned wrong_cpu = 0;
    unsigned wrong_stack = 0;
};

constinit Seen seen;
constinit unsigned handled = 0;

bool count_non_maskable(TrapFrame& frame) {
    static_cast<void>(frame);
    const std::uint64_t top = amd64::boot_cpu_stacks().non_maskable.value;
    const std::uint64_t here = machine::frame_pointer();
    ++seen.count;
    seen.wrong_stack += here < top && here > top - 8_KiB ? 0 : 1;
    seen.wrong_cpu +=
        machine::cpu_pointer() == reinterpret_cast<std::uintptr_t>(&core::cpu::local(CpuId{0})) ? 0 : 1;
    return true;
}

bool count_breakpoint(TrapFrame& frame) {
    static_cast<void>(frame);
    ++handled;
    return true;
}

void count_interrupt(std::uint8_t vector) {
    static_cast<void>(vector);
    ++handled;
}

/// The timer in NMI mode and the handlers, for a block with interrupts off.
class Sweep {
  public:
    Sweep()
        : non_maskable_{amd64::set_exception_hook(Exception::non_maskable_interrupt, count_non_maskable)}
        , breakpoint_{amd64::set_exception_hook(Exception::breakpoint, count_breakpoint)} {
        amd64::set_vector_handler(test_vector, count_interrupt);
        seen = {};
        handled = 0;
    }

    ~Sweep() {
        amd64::set_vector_handler(test_vector, nullptr);
        amd64::set_exception_hook(Exception::breakpoint, breakpoint_);
        amd64::set_exception_hook(Exception::non_maskable_interrupt, non_maskable_);
    }

    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;

  private:
    const core::sync::InterruptsOff interrupts_;
    const amd64::ExceptionHook non_maskable_;
    const amd64::ExceptionHook breakpoint_;
    const NmiTimer timer_;
};

/// Raises what `raise` raises for every count; the number of runs that lost a register.
template <class Raise>
unsigned runs_that_lost_a_register(Raise raise) {
    unsigned lost = 0;
    for (std::uint32_t count = 1; count <= last_count; ++count) {
        Registers before{};
        for (auto& value : before.values) {
            value = random().next();
        }
        before.values[Registers::rflags] &= status_flags;
        before.values[Registers::rflags] |= always_set_flag;
        Registers after{};
        NmiTimer::set(count);
        raise(&before, &after);
        const Nanoseconds start = env().now();
        while (seen.count < count && env().now() < start + 1_s) {
            machine::pause();
        }
        lost += after == before ? 0 : 1;
    }
    return lost;
}

TEST_CASE(
    "ENT-02 a non-maskable interrupt at any instruction of an interrupt's entry and exit does no harm") {
    unsigned lost = 0;
    {
        const Sweep sweep;
        lost = runs_that_lost_a_register(heddle_test_interrupt_with_registers);
    }
    CHECK(lost == 0);
    CHECK(handled == last_count);
    CHECK(seen.count == last_count);
    CHECK(seen.wrong_cpu == 0);
    CHECK(seen.wrong_stack == 0);
    CHECK(core::cpu::current().machine.interrupt_nesting == 0);
    CHECK(core::cpu::current().interrupt_depth == 0);
}

TEST_CASE(
    "ENT-02 a non-maskable interrupt at any instruction of an exception's entry and exit does no harm") {
    unsigned lost = 0;
    {
        const Sweep sweep;
        lost = runs_that_lost_a_register(heddle_test_breakpoint_with_registers);
    }
    CHECK(lost == 0);
    CHECK(handled == last_count);
    CHECK(seen.count == last_count);
    CHECK(seen.wrong_cpu == 0);
    CHECK(seen.wrong_stack == 0);
}

} // namespace
} // namespace heddle::test
