// SPDX-License-Identifier: BSD-2-Clause
// What a CPU protects itself with beyond page permissions: privileged access never, signed return addresses.
#pragma once

#include "core/machine/machine.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"

namespace heddle::aarch64 {

/// Kernel code of the calling CPU faults on programs' memory from now on, after exceptions too.
void forbid_user_access(const CpuFeatures& features);

/// Gives the calling CPU new random pointer-authentication keys, where it has them, and switches signing on.
/// Inline, because a function that was entered before cannot return after: its return address is not signed,
/// or by another key.
[[gnu::always_inline]] inline void set_pointer_keys(const CpuFeatures& features) {
    if (!features.pointer_authentication) {
        return;
    }
    // SCTLR_EL1.EnIA: the key that -mbranch-protection uses.
    constexpr std::uint64_t enable_instruction_key_a = 1ULL << 31;
    const std::uint64_t low = machine::random();
    const std::uint64_t high = machine::random();
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_0, low);  // APIAKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_1, high); // APIAKeyHi_EL1
    WRITE_SYSTEM_REGISTER(sctlr_el1, READ_SYSTEM_REGISTER(sctlr_el1) | enable_instruction_key_a);
    instruction_barrier();
}

} // namespace heddle::aarch64
