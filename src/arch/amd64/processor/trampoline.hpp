// SPDX-License-Identifier: BSD-2-Clause
// The page below 1 MiB in which started processors begin.
#pragma once

#include "core/boot/boot_info.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

namespace heddle::amd64 {

/// Sets the highest usable page below 640 KiB aside, in `boot_info`'s memory map. Without one there will be
/// one CPU only. By the boot CPU, when the memory map is complete.
void reserve_trampoline(core::boot::BootInfo& boot_info);

/// The page's address, with the code in it that ends in heddle_secondary_start. Error::not_found when none
/// could be set aside. Boot thread, on the kernel's final tables.
Result<PhysAddr> trampoline();

} // namespace heddle::amd64
