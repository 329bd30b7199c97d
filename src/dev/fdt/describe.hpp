// SPDX-License-Identifier: BSD-2-Clause
// What BootInfo takes from a device tree. Works on a checked Tree, so that the host can test it.
#pragma once

#include "core/boot/boot_info.hpp"
#include "dev/fdt/tree.hpp"

namespace heddle::dev::fdt {

/// Memory, reservations, the tree's own place, and /chosen's command line and archive, where `boot_info` has
/// none yet. Walks and checks the whole tree. Error::malformed with `problem`, Error::out_of_range when the
/// memory map is full.
Result<void> describe_memory(const Tree& tree, core::boot::BootInfo& boot_info, TreeProblem& problem);

/// CPUs, GIC, timer, clock, power, PCI, where `boot_info` has none yet, and the console. A device that is
/// described wrongly is named in the log and left out; a tree without devices (GRUB's under ACPI) adds
/// nothing. Error::malformed with `problem`.
Result<void> describe_devices(const Tree& tree, core::boot::BootInfo& boot_info, TreeProblem& problem);

} // namespace heddle::dev::fdt
