// SPDX-License-Identifier: BSD-2-Clause
// The machine's part of CpuLocal: what entry code finds through TPIDR_EL1 at the offsets of offsets.h.
#pragma once

#include "lib/units.hpp"
#include "offsets.h"

#include <cstddef>
#include <cstdint>

namespace heddle::machine {

/// First member of core::cpu::CpuLocal. Stack members are the addresses just above each stack; all of them
/// are always mapped.
struct CpuData {
    std::uint64_t interrupt_stack = 0; ///< interrupt handlers
    std::uint64_t exception_stack = 0; ///< C++ handlers of exceptions taken in the kernel
    std::uint64_t nested_stack = 0;    ///< of exceptions taken while such a handler runs
    std::uint64_t serror_stack = 0;
    std::uint64_t frame_stack = 0;     ///< SP_EL1: trap frames, and nothing else
    std::uint64_t exception_depth = 0; ///< exception handlers in progress; 2 is the most that can be reported
    std::uint64_t affinity = 0;        ///< MPIDR_EL1's four affinity fields, in place
    VirtAddr redistributor;            ///< GICv3: this CPU's redistributor registers
};

static_assert(offsetof(CpuData, interrupt_stack) == CPU_INTERRUPT_STACK);
static_assert(offsetof(CpuData, exception_stack) == CPU_EXCEPTION_STACK);
static_assert(offsetof(CpuData, nested_stack) == CPU_NESTED_STACK);
static_assert(offsetof(CpuData, serror_stack) == CPU_SERROR_STACK);
static_assert(offsetof(CpuData, frame_stack) == CPU_FRAME_STACK);
static_assert(offsetof(CpuData, exception_depth) == CPU_EXCEPTION_DEPTH);

} // namespace heddle::machine
