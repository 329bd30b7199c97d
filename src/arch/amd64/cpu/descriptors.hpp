// SPDX-License-Identifier: BSD-2-Clause
// Each CPU's GDT and TSS, and the one IDT.
#pragma once

#include "lib/units.hpp"
#include "machine/cpu_data.hpp"

namespace heddle::core::cpu {
struct CpuLocal;
}

namespace heddle::amd64 {

/// The stacks that a CPU needs besides the one it runs on; tops, 16-aligned.
struct CpuStacks {
    VirtAddr interrupt;
    VirtAddr double_fault;
    VirtAddr non_maskable;
    VirtAddr machine_check;
    VirtAddr debug;
};

/// Fills the IDT: all 256 vectors lead to trap/vectors.S. Once, by the boot CPU,
/// before set_up_cpu().
void fill_interrupt_descriptors();

/// Makes the calling processor the CPU `cpu`: its descriptors and stacks, the CPU pointer, the IDT.
void set_up_cpu(core::cpu::CpuLocal& cpu, const CpuStacks& stacks);

} // namespace heddle::amd64
