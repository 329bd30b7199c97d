// SPDX-License-Identifier: BSD-2-Clause
// Where the boot CPU's stacks are.
#pragma once

#include "cpu/descriptors.hpp"

namespace heddle::amd64 {

/// The stacks in boot/stacks.S that the boot CPU's descriptor tables point to.
CpuStacks boot_cpu_stacks();

} // namespace heddle::amd64
