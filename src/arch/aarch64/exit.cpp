// SPDX-License-Identifier: BSD-2-Clause
// The end of the machine: a semihosting exit with a status, or PSCI power-off, or a halt that says why.
#include "core/console/console.hpp"
#include "core/machine/machine.hpp"
#include "machine/cpu.hpp"
#include "trap/fixup.hpp"

namespace heddle::machine {

const std::string_view name = "aarch64";

namespace {

constinit ExitMethod method = ExitMethod::power_off;
constinit core::boot::PowerKind power = core::boot::PowerKind::none;

/// Asks the debugger, which is QEMU, to exit (Arm semihosting, SYS_EXIT_EXTENDED with
/// ADP_Stopped_ApplicationExit). Returns when there is none: the instruction is undefined then.
void semihosting_exit(std::uint64_t code) {
    const std::uint64_t parameters[2] = {0x20026, code};
    register std::uint64_t operation asm("x0") = 0x20;
    register const std::uint64_t* block asm("x1") = parameters;
    asm volatile("1: hlt #0xf000\n"
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")
                 : "+r"(operation)
                 : "r"(block)
                 : "memory");
}

/// PSCI SYSTEM_OFF (Arm DEN 0022, 5.10). Returns when the firmware does not know it.
void power_off() {
    constexpr std::uint64_t system_off = 0x8400'0008;
    register std::uint64_t function asm("x0") = system_off;
    switch (power) {
    case core::boot::PowerKind::psci_hvc:
        asm volatile("1: hvc #0\n2:\n\t" HEDDLE_FIXUP("1b", "2b")
                     : "+r"(function)::"x1", "x2", "x3", "memory");
        break;
    case core::boot::PowerKind::psci_smc:
        asm volatile("1: smc #0\n2:\n\t" HEDDLE_FIXUP("1b", "2b")
                     : "+r"(function)::"x1", "x2", "x3", "memory");
        break;
    default: break;
    }
}

} // namespace

void set_exit_method(ExitMethod wanted, const core::boot::BootInfo& boot_info) {
    method = wanted;
    power = boot_info.power.kind;
}

void exit(unsigned status) {
    disable_interrupts();
    if (method == ExitMethod::debug) {
        semihosting_exit(0x40 + (status & 63));
    }
    power_off();
    core::console::emergency_output().write("this machine has no way to switch itself off: halted\n");
    halt();
}

} // namespace heddle::machine
