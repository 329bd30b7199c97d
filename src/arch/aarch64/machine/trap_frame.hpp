// SPDX-License-Identifier: BSD-2-Clause
// What entry code saves of an interrupted context: everything, so that it can be restored exactly or printed.
#pragma once

#include "offsets.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::machine {

/// Built by trap/vectors.S: of an entry from a program on its kernel stack, else on the per-CPU frame stack.
/// Handlers may change it; what they leave is restored.
struct TrapFrame {
    std::array<std::uint64_t, 31> x; ///< x0 … x30
    std::uint64_t stack_pointer;     ///< SP_EL0: the thread's stack pointer, of the kernel's threads as well
    std::uint64_t program_counter;   ///< ELR_EL1
    std::uint64_t pstate;            ///< SPSR_EL1
    std::uint64_t syndrome;          ///< ESR_EL1; 0 of an interrupt
    std::uint64_t vector;            ///< VECTOR_… of offsets.h
    std::array<std::uint64_t, 2>
        record; ///< a frame record (x29, pc), so that a backtrace walks on through the exception
    std::uint64_t
        fault_address; ///< FAR_EL1, of a synchronous exception but a system call; else what lay there
    std::uint64_t unused;

    std::uint64_t pc() const { return program_counter; }

    std::uint64_t sp() const { return stack_pointer; }

    std::uint64_t frame_pointer() const { return x[29]; }

    /// PSTATE.M is 0 at EL0.
    bool from_user() const { return (pstate & 0xf) == 0; }
};

static_assert(offsetof(TrapFrame, x) == FRAME_X(0));
static_assert(offsetof(TrapFrame, stack_pointer) == FRAME_SP);
static_assert(offsetof(TrapFrame, program_counter) == FRAME_PC);
static_assert(offsetof(TrapFrame, pstate) == FRAME_PSTATE);
static_assert(offsetof(TrapFrame, syndrome) == FRAME_ESR);
static_assert(offsetof(TrapFrame, vector) == FRAME_VECTOR);
static_assert(offsetof(TrapFrame, record) == FRAME_RECORD);
static_assert(offsetof(TrapFrame, fault_address) == FRAME_FAR);
static_assert(sizeof(TrapFrame) == FRAME_SIZE);

} // namespace heddle::machine
