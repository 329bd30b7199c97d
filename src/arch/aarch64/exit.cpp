// SPDX-License-Identifier: BSD-2-Clause
// The end of the machine: a semihosting exit with a status, or PSCI power-off, or a halt that says why.
#include "core/console/console.hpp"
#include "core/machine/machine.hpp"
#include "machine/cpu.hpp"
#include "processor/psci.hpp"
#include "trap/fixup.hpp"

namespace heddle::machine {

const std::string_view name = "aarch64";

namespace {

constinit ExitMethod method = ExitMethod::power_off;

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

} // namespace

void set_exit_method(ExitMethod wanted, const core::boot::BootInfo& boot_info) {
    method = wanted;
    aarch64::psci::use(boot_info.power.kind);
}

void exit(unsigned status) {
    disable_interrupts();
    if (method == ExitMethod::debug) {
        semihosting_exit(0x40 + (status & 63));
    }
    aarch64::psci::call(aarch64::psci::Function::system_off); // returns when firmware does not know it
    core::console::emergency_output().write("this machine has no way to switch itself off: halted\n");
    halt();
}

} // namespace heddle::machine
