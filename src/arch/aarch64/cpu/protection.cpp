// SPDX-License-Identifier: BSD-2-Clause
// See the header.
#include "cpu/protection.hpp"

#include "core/machine/machine.hpp"

namespace heddle::aarch64 {

void forbid_user_access(const CpuFeatures& features) {
    if (!features.privileged_access_never) {
        return;
    }
    constexpr std::uint64_t span = 1U << 23; // SCTLR_EL1.SPAN: when clear, exceptions set PAN
    WRITE_SYSTEM_REGISTER(sctlr_el1, READ_SYSTEM_REGISTER(sctlr_el1) & ~span);
    asm volatile(".arch_extension pan\n\tmsr pan, #1\n\tisb" ::: "memory");
}

void draw_kernel_key(machine::CpuData& cpu) {
    cpu.key = {.low = machine::random(), .high = machine::random()};
}

void change_program_keys(machine::CpuData& cpu) {
    if (cpu.signs == 0) {
        return;
    }
    cpu.user_key = {.low = machine::random(), .high = machine::random()};
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_2, machine::random()); // APIBKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C1_3, machine::random());
    WRITE_SYSTEM_REGISTER(S3_0_C2_C2_0, machine::random()); // APDAKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C2_1, machine::random());
    WRITE_SYSTEM_REGISTER(S3_0_C2_C2_2, machine::random()); // APDBKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C2_3, machine::random());
    WRITE_SYSTEM_REGISTER(S3_0_C2_C3_0, machine::random()); // APGAKeyLo_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C2_C3_1, machine::random());
}

} // namespace heddle::aarch64
