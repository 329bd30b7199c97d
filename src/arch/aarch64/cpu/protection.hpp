// SPDX-License-Identifier: BSD-2-Clause
// What a CPU protects itself with beyond page permissions: privileged access never, signed return addresses;
// and readying a CPU as a whole.
#pragma once

#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "cpu/user_registers.hpp"
#include "machine/cpu.hpp"
#include "machine/cpu_data.hpp"
#include "trap/trap.hpp"

namespace heddle::aarch64 {

/// Kernel code of the calling CPU faults on programs' memory from now on, after exceptions too.
void forbid_user_access(const CpuFeatures& features);

// Pointer authentication has five keys. The kernel signs return addresses by key A for instructions (what
// -mbranch-protection uses) and nothing by any other; its key is drawn once for each boot. Programs may use
// all five, and the switches of SCTLR_EL1 hold for both, so all five are a program's own, drawn when it
// begins to run: APIA is exchanged by each entry and exit, the other four stay in their registers, where no
// instruction of the kernel looks at them.

/// Draws the kernel's key into `cpu`; CPUs that start later get the same.
void draw_kernel_key(machine::CpuData& cpu);

/// Gives the program that is about to run on the calling CPU, whose data is `cpu`, five new keys, where the
/// CPU can sign. Interrupts off.
void change_program_keys(machine::CpuData& cpu);

/// Gives the calling CPU the kernel's key in `cpu`, where it can sign, and switches signing on. Inline,
/// because a function that was entered before cannot return after: its return address is not signed, or by
/// another key.
[[gnu::always_inline]] inline void set_pointer_key(const CpuFeatures& features, machine::CpuData& cpu) {
    if (!features.pointer_authentication) {
        return;
    }
    cpu.signs = 1;
    // SCTLR_EL1.EnIA, EnIB, EnDA, EnDB; the generic key, APGA, has no switch.
    constexpr std::uint64_t enable_all_keys = 1ULL << 31 | 1ULL << 30 | 1ULL << 27 | 1ULL << 13;
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_0, cpu.key.low);  // APIAKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_1, cpu.key.high); // APIAKeyHi_EL1
    WRITE_SYSTEM_REGISTER(sctlr_el1, READ_SYSTEM_REGISTER(sctlr_el1) | enable_all_keys);
    instruction_barrier();
}

/// The last of what makes any CPU, the boot CPU or another, fit for the kernel: its pointer, vectors and
/// protections. The stacks and the key are in `cpu`. Inline for the sake of set_pointer_key().
[[gnu::always_inline]] inline void ready_cpu(machine::CpuData& cpu, const CpuFeatures& features) {
    machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&cpu));
    install_vectors(cpu, features);
    forbid_user_access(features);
    close_registers_to_programs();
    set_pointer_key(features, cpu);
}

} // namespace heddle::aarch64
