// SPDX-License-Identifier: BSD-2-Clause
// Where the boot CPU's stacks are.
#pragma once

#include "machine/cpu_data.hpp"

namespace heddle::aarch64 {

/// Enters the stacks of boot/stacks.S into the boot CPU's data.
void take_boot_cpu_stacks(machine::CpuData& cpu);

} // namespace heddle::aarch64
