// SPDX-License-Identifier: BSD-2-Clause
// Who handles which interrupt. The machine's entry code calls dispatch(); drivers connect handlers.
#pragma once

#include "core/interrupt/controller.hpp"

namespace heddle::core::interrupt {

/// Runs in interrupt context: interrupts off, on the interrupt stack, may not sleep or allocate.
struct Handler {
    void (*function)(void* argument) = nullptr;
    void* argument = nullptr;
};

/// Connects `handler` to `interrupt` and lets it through to the calling CPU. Error::busy when somebody else
/// has it. Thread context.
Result<void> connect(Controller& controller, InterruptId interrupt, Trigger trigger, Polarity polarity,
                     Handler handler);

/// Shuts the line and forgets its handler, which runs on no CPU any more when this returns. Thread context;
/// not from a handler.
void disconnect(Controller& controller, InterruptId interrupt);

/// Called by the machine for each device interrupt, on the interrupt stack, before the end-of-interrupt
/// write. An interrupt without a handler is counted and logged (rate-limited).
void dispatch(InterruptId interrupt);

/// How often `interrupt` was dispatched, and how many came without a handler.
std::uint64_t count(InterruptId interrupt);
std::uint64_t spurious_count();

} // namespace heddle::core::interrupt
