// SPDX-License-Identifier: BSD-2-Clause
// The contract between the console and the UART drivers of src/dev, which core cannot include: a linker
// section.
#pragma once

#include "core/console/console.hpp"

namespace heddle::core::console {

/// One kind of UART. Descriptors are `constinit const` in the linker section `.uarts` (HEDDLE_UART_DRIVER).
struct UartDriver {
    std::string_view name;
    boot::ConsoleKind kind;
    /// Sets up the UART of `description`; `registers` is where its registers are mapped (unused for port
    /// I/O). The object lives for ever; the same registers give the same object. Nothing is allocated: also
    /// runs before memory management. Error::not_found when nobody answers there, out_of_memory beyond the
    /// few that a driver has room for.
    Result<Uart*> (*create)(const boot::ConsoleDescription& description, VirtAddr registers);
};

/// Sets up the UART of `description` with the driver for its kind. Error::not_supported when none is linked.
Result<Uart*> create_uart(const boot::ConsoleDescription& description, VirtAddr registers);

} // namespace heddle::core::console

#define HEDDLE_UART_DRIVER(identifier)                                                                       \
    [[gnu::section(".uarts"), gnu::used,                                                                     \
      gnu::retain]] constinit const ::heddle::core::console::UartDriver identifier
