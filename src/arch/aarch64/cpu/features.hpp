// SPDX-License-Identifier: BSD-2-Clause
// Which optional parts of the architecture this CPU has and the kernel uses, read once from the ID registers.
#pragma once

#include <cstdint>

namespace heddle::aarch64 {

struct CpuFeatures {
    bool branch_targets = false;          ///< FEAT_BTI
    bool pointer_authentication = false;  ///< FEAT_PAuth, whichever algorithm
    bool privileged_access_never = false; ///< FEAT_PAN
    bool random = false;                  ///< FEAT_RNG
    bool gic_registers = false;           ///< the GIC CPU interface as system registers

    constexpr bool operator==(const CpuFeatures&) const = default;
};

/// The boot CPU's features. Written once, before the final page tables are made.
extern CpuFeatures cpu_features;

/// Reads the ID registers of the calling CPU.
CpuFeatures read_cpu_features();

/// The calling CPU's number: the affinity fields of MPIDR_EL1 in place, the rest zero.
std::uint64_t read_affinity();

} // namespace heddle::aarch64
