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

void draw_pointer_keys(machine::CpuData& cpu) {
    cpu.key = {.low = machine::random(), .high = machine::random()};
    cpu.user_key = {.low = machine::random(), .high = machine::random()};
}

} // namespace heddle::aarch64
