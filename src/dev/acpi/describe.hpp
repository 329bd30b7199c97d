// SPDX-License-Identifier: BSD-2-Clause
// What BootInfo takes from ACPI tables. Reads through a PhysicalReader, so that the host can test it.
#pragma once

#include "core/boot/boot_info.hpp"
#include "dev/acpi/tables.hpp"

namespace heddle::dev::acpi {

/// Finds the root pointer where the boot protocol named none (a PC's BIOS area), and makes the reserved
/// regions that hold it and the root table reclaimable: SeaBIOS reports its tables as reserved, and only RAM
/// is in the direct map.
void describe_memory(const core::boot::PhysicalReader& early_memory, core::boot::BootInfo& boot_info);

/// CPUs, interrupt controller, timer, console, power, PCI. What is malformed is named in the log and skipped.
/// Error::malformed, named in the log, when no CPU and interrupt controller can be had: no usable root, no
/// usable MADT.
Result<void> describe_devices(const core::boot::PhysicalReader& memory, core::boot::BootInfo& boot_info);

/// One table each, into `boot_info`; malformed parts are named in the log and skipped.
void read_madt(const Table& madt, core::boot::BootInfo& boot_info);
void read_gtdt(const Table& gtdt, core::boot::BootInfo& boot_info);
void read_spcr(const Table& spcr, core::boot::BootInfo& boot_info);
void read_mcfg(const Table& mcfg, core::boot::BootInfo& boot_info);
/// Follows the FADT to the DSDT for the soft-off state.
void read_fadt(const Table& fadt, const core::boot::PhysicalReader& memory, core::boot::BootInfo& boot_info);

} // namespace heddle::dev::acpi
