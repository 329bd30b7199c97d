// SPDX-License-Identifier: BSD-2-Clause
// The FPU and SIMD unit, off unless somebody owns it.
#include "core/machine/machine.hpp"
#include "cpu/registers.hpp"

namespace heddle::machine {

void enable_simd() {
    constexpr std::uint64_t no_trap_of_simd = 3U << 20; // CPACR_EL1.FPEN
    WRITE_SYSTEM_REGISTER(cpacr_el1, READ_SYSTEM_REGISTER(cpacr_el1) | no_trap_of_simd);
    aarch64::instruction_barrier();
}

} // namespace heddle::machine
