// SPDX-License-Identifier: BSD-2-Clause
// Where each CPU's stacks are: the boot CPU's in the image, the others' allocated.
#pragma once

#include "cpu/descriptors.hpp"
#include "lib/result.hpp"

namespace heddle::amd64 {

/// The stacks in boot/stacks.S that the boot CPU's descriptor tables point to.
CpuStacks boot_cpu_stacks();

/// Allocates and maps the stacks of `cpu`, each above a page that is never mapped; for good, because a
/// processor that was started once may come at any time. Nothing to do when it has them.
/// Error::out_of_memory. Boot thread.
Result<void> allocate_stacks(CpuId cpu);

/// What allocate_stacks() made.
CpuStacks cpu_stacks(CpuId cpu);

/// Top of the stack that `cpu`, which has its stacks, begins on and idles on.
VirtAddr start_stack_top(CpuId cpu);

/// Whether all of [begin, begin + size) lies on one of the allocated stacks. Any context.
bool is_allocated_stack(VirtAddr begin, std::uint64_t size);

/// Whether `address` lies in the guard page of any CPU's stack. Any context.
bool is_stack_guard(VirtAddr address);

} // namespace heddle::amd64
