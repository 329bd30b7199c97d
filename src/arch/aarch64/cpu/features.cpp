// SPDX-License-Identifier: BSD-2-Clause
// Feature detection by the fields of the ID registers, Arm ARM D19.2.
#include "cpu/features.hpp"

#include "core/memory/image.hpp"
#include "cpu/registers.hpp"
#include "lib/bits.hpp"

namespace heddle::aarch64 {

READ_ONLY_AFTER_INIT constinit CpuFeatures cpu_features;

CpuFeatures read_cpu_features() {
    const std::uint64_t processor0 = READ_SYSTEM_REGISTER(id_aa64pfr0_el1);
    const std::uint64_t processor1 = READ_SYSTEM_REGISTER(id_aa64pfr1_el1);
    const std::uint64_t instructions0 = READ_SYSTEM_REGISTER(id_aa64isar0_el1);
    const std::uint64_t instructions1 = READ_SYSTEM_REGISTER(id_aa64isar1_el1);
    const std::uint64_t instructions2 = READ_SYSTEM_REGISTER(S3_0_C0_C6_2); // ID_AA64ISAR2_EL1
    const std::uint64_t memory1 = READ_SYSTEM_REGISTER(id_aa64mmfr1_el1);

    const bool architected_keys = bits(instructions1, 7, 4) != 0 || bits(instructions2, 15, 12) != 0;
    const bool other_keys = bits(instructions1, 11, 8) != 0;
    return {.branch_targets = bits(processor1, 3, 0) != 0,
            .pointer_authentication = architected_keys || other_keys,
            .privileged_access_never = bits(memory1, 23, 20) != 0,
            .random = bits(instructions0, 63, 60) != 0,
            .gic_registers = bits(processor0, 27, 24) != 0};
}

std::uint64_t read_affinity() {
    constexpr std::uint64_t affinity_fields = 0xff'00ff'ffff;
    return READ_SYSTEM_REGISTER(mpidr_el1) & affinity_fields;
}

} // namespace heddle::aarch64
