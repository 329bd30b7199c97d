// SPDX-License-Identifier: BSD-2-Clause
// The FPU and SIMD unit, off unless somebody owns it.
#include "core/machine/machine.hpp"
#include "cpu/registers.hpp"

namespace heddle::machine {

/// For EL1 alone: programs get the unit when they own it.
void enable_simd() {
    constexpr std::uint64_t enabled = 3U << 20; // CPACR_EL1.FPEN
    constexpr std::uint64_t enabled_for_kernel = 1U << 20;
    WRITE_SYSTEM_REGISTER(cpacr_el1, (READ_SYSTEM_REGISTER(cpacr_el1) & ~enabled) | enabled_for_kernel);
    aarch64::instruction_barrier();
}

} // namespace heddle::machine
