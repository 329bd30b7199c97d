// SPDX-License-Identifier: BSD-2-Clause
// The machine's part of CpuLocal: what entry code finds through TPIDR_EL1 at the offsets of offsets.h.
#pragma once

#include "lib/units.hpp"
#include "offsets.h"

#include <cstddef>
#include <cstdint>

namespace heddle::machine {

struct TrapFrame;

/// First member of core::cpu::CpuLocal. Stack members are the addresses just above each stack; all of them
/// are always mapped.
struct CpuData {
    std::uint64_t interrupt_stack = 0; ///< interrupt handlers
    std::uint64_t exception_stack = 0; ///< C++ handlers of exceptions taken in the kernel
    std::uint64_t nested_stack = 0;    ///< of exceptions taken while such a handler runs
    std::uint64_t serror_stack = 0;
    std::uint64_t frame_stack = 0;     ///< SP_EL1: trap frames, and nothing else
    std::uint64_t exception_depth = 0; ///< exception handlers in progress; 2 is the most that can be reported
    std::uint64_t thread_stack = 0;    ///< what it starts on

    /// What a CPU reads on its way up, with the MMU off: hence cleaned to memory by the CPU that starts it.
    struct Start {
        std::uint64_t tables = 0;  ///< TTBR1_EL1
        std::uint64_t address = 0; ///< where it goes on in the upper half
        std::uint64_t pointer = 0; ///< to this, in the upper half
    } start;

    /// Where the frame of each entry of the program that runs here goes, on its kernel stack (user/entry.S).
    std::uint64_t user_frame = 0;

    /// Pointer authentication: whether this CPU can sign, and the keys for return addresses (APIA), which
    /// entry and exit exchange: the kernel's, the same on all CPUs, because a thread's signed addresses go
    /// with it from one to another, and that of the program that runs here (cpu/protection.hpp).
    std::uint64_t signs = 0;

    struct Key {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
    } key, user_key;

    std::uint64_t affinity = 0;             ///< MPIDR_EL1's four affinity fields, in place
    VirtAddr redistributor;                 ///< GICv3: this CPU's redistributor registers
    std::uint8_t target_bit = 0;            ///< GICv2: this CPU in lists of targets; 0 on a GIC of one CPU
    const TrapFrame* interrupted = nullptr; ///< while it handles an interrupt: what that interrupted
};

static_assert(offsetof(CpuData, interrupt_stack) == CPU_INTERRUPT_STACK);
static_assert(offsetof(CpuData, exception_stack) == CPU_EXCEPTION_STACK);
static_assert(offsetof(CpuData, nested_stack) == CPU_NESTED_STACK);
static_assert(offsetof(CpuData, serror_stack) == CPU_SERROR_STACK);
static_assert(offsetof(CpuData, frame_stack) == CPU_FRAME_STACK);
static_assert(offsetof(CpuData, exception_depth) == CPU_EXCEPTION_DEPTH);
static_assert(offsetof(CpuData, thread_stack) == CPU_THREAD_STACK);
static_assert(offsetof(CpuData, start.tables) == CPU_START_TABLES);
static_assert(offsetof(CpuData, start.address) == CPU_START_ADDRESS);
static_assert(offsetof(CpuData, start.pointer) == CPU_START_POINTER);
static_assert(offsetof(CpuData, user_frame) == CPU_USER_FRAME);
static_assert(offsetof(CpuData, signs) == CPU_SIGNS);
static_assert(offsetof(CpuData, key) == CPU_KEY);
static_assert(offsetof(CpuData, user_key) == CPU_USER_KEY);

} // namespace heddle::machine
