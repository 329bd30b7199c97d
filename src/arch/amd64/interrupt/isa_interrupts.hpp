// SPDX-License-Identifier: BSD-2-Clause
// How the sixteen interrupts of the ISA bus reach the I/O APICs: as they are, unless ACPI's MADT says
// otherwise.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/interrupt/controller.hpp"

namespace heddle::amd64 {

/// The global interrupt that ISA interrupt `number` is wired to.
inline core::interrupt::InterruptId isa_interrupt(const core::boot::BootInfo& boot_info,
                                                  std::uint32_t number) {
    for (const core::boot::InterruptOverride& entry : boot_info.interrupts.overrides) {
        if (entry.isa_interrupt == number) {
            return core::interrupt::InterruptId{entry.global_interrupt};
        }
    }
    return core::interrupt::InterruptId{number};
}

} // namespace heddle::amd64
