// SPDX-License-Identifier: BSD-2-Clause
// Reads the start info of a PVH boot, as `qemu -kernel` passes it (Xen, public/arch-x86/hvm/start_info.h).
// Treats it as hostile.
#pragma once

#include "firmware_memory.hpp"

namespace heddle::amd64 {

using PvhReader = core::boot::PhysicalReader;

/// Fills memory map, command line, archive and ACPI root pointer from the structure at `start_info` (EBX at
/// entry), and adds all that it points to to the map as reclaimable. Strings point into the memory that
/// `memory` gives. On error `problem` says what is wrong. Early boot: allocates nothing.
Result<void> parse_pvh(const PvhReader& memory, PhysAddr start_info, core::boot::BootInfo& boot_info,
                       BootProblem& problem);

} // namespace heddle::amd64
