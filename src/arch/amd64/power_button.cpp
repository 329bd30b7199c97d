// SPDX-License-Identifier: BSD-2-Clause
// The component `acpi-power-button`: ACPI's fixed-hardware power button asks the appliance to stop.
#include "core/component/component.hpp"
#include "core/component/wiring.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/log/log.hpp"
#include "core/stop_token.hpp"
#include "interrupt/isa_interrupts.hpp"
#include "machine/cpu.hpp"
#include "machine/io.hpp"

namespace heddle::amd64 {
namespace {

using core::interrupt::Controller;
using core::interrupt::InterruptId;

/// PM1 status and enable registers, ACPI 6.5, 4.8.3.1: the bits are the same, enable lies two bytes after
/// status.
constexpr std::uint16_t power_button = 1U << 8;
constexpr std::uint16_t enable_offset = 2;
/// PM1 control, ACPI 6.5, table 4.16: events come as SCI, not as SMI.
constexpr std::uint16_t sci_enable = 1U << 0;

struct Button {
    std::uint16_t status_port = 0;
    InterruptId interrupt;
    Controller* controller = nullptr;
    core::StopToken* stop = nullptr;
};

constinit Button button;

/// The SCI. Interrupt context.
void handle_event(void* argument) {
    const Button& pressed = *static_cast<const Button*>(argument);
    const std::uint16_t status = machine::in16(pressed.status_port);
    if ((status & power_button) != 0) {
        core::log::info("power button: stopping");
        pressed.stop->request_stop();
    }
    // Writing a one clears the bit; the line stays raised until every enabled one is clear.
    machine::out16(pressed.status_port, status);
}

bool applicable(const core::component::Wiring& wiring) {
    return wiring.boot_info().power.has_fixed_button;
}

/// Puts the fixed hardware under our control; firmware answers a word on the SMI command port
/// (ACPI 6.5, 4.8.2.5).
Result<void> enter_acpi_mode(const core::boot::PowerDescription& power) {
    const auto entered = [&power] { return (machine::in16(power.pm1a_control) & sci_enable) != 0; };
    if (power.smi_command == 0 || power.acpi_enable == 0 || entered()) {
        return {};
    }
    machine::out8(power.smi_command, power.acpi_enable);
    constexpr unsigned most_reads = 10'000; // of a port, at about 1 µs
    for (unsigned i = 0; i < most_reads; ++i) {
        if (entered()) {
            return {};
        }
        machine::pause();
    }
    return fail(Error::timed_out);
}

Result<void> start(core::component::Wiring& wiring) {
    const auto& boot_info = wiring.boot_info();
    const auto& power = boot_info.power;
    TRY(enter_acpi_mode(power));
    button.status_port = power.pm1a_event;
    button.interrupt = isa_interrupt(boot_info, power.sci_interrupt);
    button.controller = &wiring.get<Controller>();
    button.stop = &wiring.get<core::StopToken>();
    machine::out16(button.status_port, 0xffff); // what came before we listened
    machine::out16(static_cast<std::uint16_t>(button.status_port + enable_offset), power_button);
    return core::interrupt::connect(*button.controller, button.interrupt, core::interrupt::Trigger::level,
                                    core::interrupt::Polarity::low, {handle_event, &button});
}

void stop() {
    machine::out16(static_cast<std::uint16_t>(button.status_port + enable_offset), 0);
    core::interrupt::disconnect(*button.controller, button.interrupt);
}

} // namespace

HEDDLE_COMPONENT(power_button_component){
    .name = "acpi-power-button",
    .provides = {},
    .needs = core::component::interfaces<Controller, core::StopToken>,
    .applicable = applicable,
    .start = start,
    .stop = stop,
};

} // namespace heddle::amd64
