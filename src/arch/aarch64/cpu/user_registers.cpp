// SPDX-License-Identifier: BSD-2-Clause
// Controls of EL0's accesses (Arm ARM D19). SCTLR_EL1's are in boot/start.S: UCI, UCT, DZE, UMA, nTWE and
// nTWI are clear, so cache maintenance, the interrupt masks, WFE and WFI trap.
#include "cpu/user_registers.hpp"

#include "cpu/registers.hpp"
#include "lib/bits.hpp"

namespace heddle::aarch64 {
namespace {

/// CNTKCTL_EL1: nothing but EL0VCTEN. A program that sets the timer would set the kernel's.
constexpr std::uint64_t virtual_counter_only = 1U << 1;

/// MDSCR_EL1: TDCC traps the debug communications channel; no breakpoints, no software step.
constexpr std::uint64_t debug_channel_traps = 1U << 12;

/// ID_AA64DFR0_EL1.PMUVer: 0 none, 15 not Arm's.
bool has_performance_monitors() {
    const std::uint64_t version = bits(READ_SYSTEM_REGISTER(id_aa64dfr0_el1), 11, 8);
    return version != 0 && version != 15;
}

} // namespace

void close_registers_to_programs() {
    WRITE_SYSTEM_REGISTER(cntkctl_el1, virtual_counter_only);
    WRITE_SYSTEM_REGISTER(mdscr_el1, debug_channel_traps);
    if (has_performance_monitors()) {
        WRITE_SYSTEM_REGISTER(pmuserenr_el0, 0);
    }
    // What firmware left there is nobody's business.
    WRITE_SYSTEM_REGISTER(tpidr_el0, 0);
    WRITE_SYSTEM_REGISTER(tpidrro_el0, 0);
    instruction_barrier();
}

} // namespace heddle::aarch64
