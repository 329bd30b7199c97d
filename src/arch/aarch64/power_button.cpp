// SPDX-License-Identifier: BSD-2-Clause
// The component `gpio-power-button`: the power key on a PL061 (ARM DDI 0190B), as a device tree describes it,
// asks the appliance to stop. Under ACPI only AML says where the button is: there is none then.
#include "core/component/wiring.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/log/log.hpp"
#include "core/memory/arena.hpp"
#include "core/stop_token.hpp"

namespace heddle::aarch64 {
namespace {

using core::interrupt::Controller;
using core::interrupt::InterruptId;

/// DDI 0190B, 3.2. A bit of each for each of the eight pins.
enum class Register : std::uint16_t {
    direction = 0x400, ///< 1: output
    sense = 0x404,     ///< 1: levels, 0: edges
    both_edges = 0x408,
    event = 0x40c, ///< 1: the rising one
    mask = 0x410,  ///< 1: raises the interrupt
    masked_status = 0x418,
    clear = 0x41c,
};

struct Button {
    VirtAddr registers;
    std::uint32_t pin = 0; ///< its bit
    InterruptId interrupt;
    Controller* controller = nullptr;
    core::StopToken* stop = nullptr;

    volatile std::uint32_t& at(Register offset) const {
        return *(registers + static_cast<std::uint64_t>(offset)).as<volatile std::uint32_t>();
    }

    void change(Register offset, bool set) const {
        const std::uint32_t others = at(offset) & ~pin;
        at(offset) = others | (set ? pin : 0);
    }
};

constinit Button button;

/// Interrupt context.
void handle_event(void* argument) {
    const Button& pressed = *static_cast<const Button*>(argument);
    if ((pressed.at(Register::masked_status) & pressed.pin) != 0) {
        core::log::info("power button: stopping");
        pressed.stop->request_stop();
    }
    pressed.at(Register::clear) = 0xff;
}

bool applicable(const core::component::Wiring& wiring) {
    return wiring.boot_info().power.button_gpio != PhysAddr{};
}

Result<void> start(core::component::Wiring& wiring) {
    const auto& power = wiring.boot_info().power;
    button.registers = TRY(core::memory::map_device(power.button_gpio, page_size)).leak();
    button.pin = 1U << power.button_pin;
    button.interrupt = InterruptId{power.button_interrupt};
    button.controller = &wiring.get<Controller>();
    button.stop = &wiring.get<core::StopToken>();
    button.at(Register::mask) = 0;
    button.change(Register::direction, false);
    button.change(Register::sense, false);
    button.change(Register::both_edges, false);
    button.change(Register::event, true);
    button.at(Register::clear) = 0xff;
    TRY(core::interrupt::connect(*button.controller, button.interrupt, core::interrupt::Trigger::level,
                                 core::interrupt::Polarity::high, {handle_event, &button}));
    button.at(Register::mask) = button.pin;
    return {};
}

void stop() {
    button.at(Register::mask) = 0;
    core::interrupt::disconnect(*button.controller, button.interrupt);
}

} // namespace

HEDDLE_COMPONENT(power_button_component){
    .name = "gpio-power-button",
    .provides = {},
    .needs = core::component::interfaces<Controller, core::StopToken>,
    .applicable = applicable,
    .start = start,
    .stop = stop,
};

} // namespace heddle::aarch64
