// SPDX-License-Identifier: BSD-2-Clause
// Being in an interrupt handler: the machine's entry code holds a ContextGuard while one runs.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/panic.hpp"

namespace heddle::core::interrupt {

/// Handlers run with interrupts off, so only what cannot be masked nests: an NMI or SError in a handler, a
/// machine check in that.
inline constexpr std::uint32_t deepest_nesting = 4;

/// Marks this CPU as in an interrupt handler for a block. Made by the machine on the interrupt stack,
/// interrupts off, around each device, timer and non-maskable interrupt (not around exceptions that a thread
/// caused).
class ContextGuard {
  public:
    ContextGuard()
        : cpu_{cpu::current()} {
        if (++cpu_.interrupt_depth > deepest_nesting) {
            panic("interrupt handlers nest {} deep", cpu_.interrupt_depth);
        }
    }

    ~ContextGuard() { --cpu_.interrupt_depth; }

    ContextGuard(const ContextGuard&) = delete;
    ContextGuard& operator=(const ContextGuard&) = delete;

  private:
    cpu::CpuLocal& cpu_;
};

} // namespace heddle::core::interrupt
