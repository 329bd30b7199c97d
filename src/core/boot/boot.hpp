// SPDX-License-Identifier: BSD-2-Clause
// From a filled BootInfo to a running appliance: the order in which the kernel comes up, in one place.
#pragma once

#include "core/boot/boot_info.hpp"

namespace heddle::core::boot {

/// Brings the kernel up, runs the appliance, stops the components and ends the machine with the appliance's
/// status.
///
/// Called once, by the machine's entry code on the boot CPU: interrupts off, on the boot stack, early page
/// tables, exception vectors and CpuLocal of the boot CPU in place, the image relocated. `boot_info` must
/// live for ever.
[[noreturn]] void boot(BootInfo& boot_info);

} // namespace heddle::core::boot
