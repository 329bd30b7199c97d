// SPDX-License-Identifier: BSD-2-Clause
// What a CPU protects itself with beyond page permissions: privileged access never, signed return addresses;
// and readying a CPU as a whole.
#pragma once

#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"
#include "machine/cpu_data.hpp"
#include "trap/trap.hpp"

namespace heddle::aarch64 {

/// Kernel code of the calling CPU faults on programs' memory from now on, after exceptions too.
void forbid_user_access(const CpuFeatures& features);

/// Draws the kernel's and the programs' pointer-authentication keys into `cpu`; CPUs that start later get the
/// same.
void draw_pointer_keys(machine::CpuData& cpu);

/// Gives the calling CPU the key in `cpu`, where it can sign, and switches signing on. Inline, because a
/// function that was entered before cannot return after: its return address is not signed, or by another key.
[[gnu::always_inline]] inline void set_pointer_key(const CpuFeatures& features, machine::CpuData& cpu) {
    if (!features.pointer_authentication) {
        return;
    }
    cpu.signs = 1;
    // SCTLR_EL1.EnIA: the key that -mbranch-protection uses.
    constexpr std::uint64_t enable_instruction_key_a = 1ULL << 31;
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_0, cpu.key.low);  // APIAKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_1, cpu.key.high); // APIAKeyHi_EL1
    WRITE_SYSTEM_REGISTER(sctlr_el1, READ_SYSTEM_REGISTER(sctlr_el1) | enable_instruction_key_a);
    instruction_barrier();
}

/// The last of what makes any CPU, the boot CPU or another, fit for the kernel: its pointer, vectors and
/// protections. The stacks and the key are in `cpu`. Inline for the sake of set_pointer_key().
[[gnu::always_inline]] inline void ready_cpu(machine::CpuData& cpu, const CpuFeatures& features) {
    machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&cpu));
    install_vectors(cpu);
    forbid_user_access(features);
    set_pointer_key(features, cpu);
}

} // namespace heddle::aarch64
