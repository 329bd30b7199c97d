// SPDX-License-Identifier: BSD-2-Clause
// Reads the boot information of a Multiboot2 loader (Multiboot2 Specification 2.0, section 3.6). Treats it as
// hostile.
#pragma once

#include "firmware_memory.hpp"

namespace heddle::amd64 {

/// What the loader leaves in EAX.
inline constexpr std::uint32_t multiboot2_magic = 0x36d76289;

/// Fills memory map, command line, loader name, archive and ACPI root pointer from the structure at
/// `information`, and adds it to the map as reclaimable. The basic memory map (tag 6) suffices: GRUB writes
/// it under UEFI too, ACPI types included. Strings point into the memory that `memory` gives. On error
/// `problem` says what is wrong and at which offset of the structure. Early boot: allocates nothing.
Result<void> parse_multiboot2(const core::boot::PhysicalReader& memory, PhysAddr information,
                              core::boot::BootInfo& boot_info, BootProblem& problem);

} // namespace heddle::amd64
