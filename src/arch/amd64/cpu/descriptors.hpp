// SPDX-License-Identifier: BSD-2-Clause
// Each CPU's GDT and TSS, and the one IDT.
#pragma once

#include "lib/units.hpp"
#include "machine/cpu_data.hpp"

namespace heddle::amd64 {

/// The stacks that a CPU needs besides the one it runs on; tops, 16-aligned.
struct CpuStacks {
    VirtAddr interrupt;
    VirtAddr double_fault;
    VirtAddr non_maskable;
    VirtAddr machine_check;
    VirtAddr debug;
};

/// Fills the descriptor tables in `data` for `stacks` and loads them. On the CPU that `data` belongs to;
/// clears the GS base, so machine::set_cpu_pointer comes after.
void load_descriptors(machine::CpuData& data, const CpuStacks& stacks);

/// Fills the IDT: all 256 vectors lead to trap/vectors.S. Once, by the boot CPU.
void fill_interrupt_descriptors();

/// Loads the IDT on this CPU. The CPU pointer must be set: traps use it.
void load_interrupt_descriptors();

} // namespace heddle::amd64
