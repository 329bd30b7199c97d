// SPDX-License-Identifier: BSD-2-Clause
// The component that connects the console's UART to its interrupt, so that keys come in without anybody
// asking.
#include "core/boot/boot_info.hpp"
#include "core/component/wiring.hpp"
#include "core/console/console.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/log/log.hpp"

namespace heddle::dev::uart {
namespace {

namespace console = core::console;
namespace interrupt = core::interrupt;
using core::boot::ConsoleKind;

constinit interrupt::Controller* controller = nullptr;
constinit interrupt::InterruptId line;

/// A console without an interrupt, or none at all, is no error: then console::poll() looks at the UART
/// itself.
Result<void> start(core::component::Wiring& wiring) {
    const core::boot::ConsoleDescription& description = wiring.boot_info().console;
    console::Uart* uart = console::attached_uart();
    if (uart == nullptr || description.interrupt == 0) {
        return {};
    }
    // The ports' interrupt is an ISA one; redirections are the controller's business. Mapped UARTs are
    // level-triggered.
    const auto trigger =
        description.kind == ConsoleKind::ns16550_port ? interrupt::Trigger::edge : interrupt::Trigger::level;
    auto& found = wiring.get<interrupt::Controller>();
    const interrupt::InterruptId wanted{description.interrupt};
    const interrupt::Handler handler{[](void*) { console::receive_input(); }, nullptr};
    if (auto connected = connect(found, wanted, trigger, interrupt::Polarity::high, handler); !connected) {
        core::log::warning("console: interrupt {}: {}", wanted, connected.error());
        return {};
    }
    controller = &found;
    line = wanted;
    console::set_interrupt_driven(true);
    uart->enable_receive_interrupt();
    return {};
}

void stop() {
    if (controller != nullptr) {
        console::set_interrupt_driven(false);
        disconnect(*controller, line);
        controller = nullptr;
    }
}

HEDDLE_COMPONENT(uart_component){
    .name = "uart",
    .provides = {},
    .needs = core::component::interfaces<interrupt::Controller>,
    .start = start,
    .stop = stop,
};

} // namespace
} // namespace heddle::dev::uart
