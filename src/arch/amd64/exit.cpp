// SPDX-License-Identifier: BSD-2-Clause
// How a run ends: QEMU's debug exit port, ACPI's soft-off, or a halt that says so.
#include "core/console/console.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "machine/cpu.hpp"
#include "machine/io.hpp"

namespace heddle::machine {
namespace {

/// QEMU's isa-debug-exit: writing v ends QEMU with status 2v + 1.
constexpr std::uint16_t debug_exit_port = 0xf4;
constexpr unsigned status_base = 0x40;

/// PM1 control register, ACPI 6.5, table 4.16.
constexpr unsigned sleep_type_shift = 10;
constexpr std::uint16_t sleep_enable = 1U << 13;

constinit ExitMethod exit_method = ExitMethod::power_off;
constinit core::boot::PowerDescription power;

void power_off() {
    if (power.kind != core::boot::PowerKind::acpi || power.pm1a_control == 0) {
        return;
    }
    const auto control = [](std::uint8_t type) {
        return static_cast<std::uint16_t>(type << sleep_type_shift | sleep_enable);
    };
    out16(power.pm1a_control, control(power.sleep_type_a));
    if (power.pm1b_control != 0) {
        out16(power.pm1b_control, control(power.sleep_type_b));
    }
    // Power may take a moment to go; QEMU needs none.
    for (unsigned i = 0; i < 1'000'000; ++i) {
        pause();
    }
}

} // namespace

constinit const std::string_view name = "amd64";

void set_exit_method(ExitMethod method, const core::boot::BootInfo& boot_info) {
    exit_method = method;
    power = boot_info.power;
}

void exit(unsigned status) {
    disable_interrupts();
    if (exit_method == ExitMethod::debug) {
        out8(debug_exit_port, static_cast<std::uint8_t>(status_base + (status & 63)));
    }
    power_off();
    format_to(core::console::emergency_output(),
              "heddle: ended with status {}; nothing here switches the machine off, so it is halted.\n",
              status);
    halt();
}

} // namespace heddle::machine
