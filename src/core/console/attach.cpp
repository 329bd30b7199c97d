// SPDX-License-Identifier: BSD-2-Clause
// From a console's description to an attached UART: finds the driver, maps the registers.
#include "core/console/uart_driver.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/layout.hpp"

extern "C" {
extern const heddle::core::console::UartDriver heddle_uarts_start[];
extern const heddle::core::console::UartDriver heddle_uarts_end[];
}

namespace heddle::core::console {
namespace {

/// What attach_described() attached last. Boot thread only.
constinit boot::ConsoleDescription current;

} // namespace

Result<Uart*> create_uart(const boot::ConsoleDescription& description, VirtAddr registers) {
    for (const UartDriver* driver = heddle_uarts_start; driver != heddle_uarts_end; ++driver) {
        if (driver->kind == description.kind) {
            return driver->create(description, registers);
        }
    }
    return fail(description.kind == boot::ConsoleKind::none ? Error::not_found : Error::not_supported);
}

Result<void> attach_early(const boot::ConsoleDescription& description) {
    attach(*TRY(create_uart(description, memory::to_virtual(PhysAddr{description.base}))));
    return {};
}

Result<void> attach_described(const boot::ConsoleDescription& description) {
    if (description.kind == boot::ConsoleKind::none) {
        return fail(Error::not_found);
    }
    if (description.kind == current.kind && description.base == current.base) {
        return {};
    }
    VirtAddr registers{};
    if (description.kind != boot::ConsoleKind::ns16550_port) {
        registers = TRY(memory::map_device(PhysAddr{description.base}, page_size)).leak();
    }
    attach(*TRY(create_uart(description, registers)));
    current = description;
    return {};
}

} // namespace heddle::core::console
