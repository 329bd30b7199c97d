// SPDX-License-Identifier: BSD-2-Clause
// The machine's part of CpuLocal: what entry code finds through GS, and this CPU's descriptor tables and
// stacks.
#pragma once

#include "machine/segments.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::machine {

/// First member of core::cpu::CpuLocal. Written by its own CPU only, but for what is set before that CPU
/// starts.
struct CpuData {
    std::uint64_t self = 0; ///< what cpu_pointer() loads
    /// Top of the stack that external interrupts run on.
    std::uint64_t interrupt_stack_top = 0;
    /// Interrupts that run on it now; entry switches stacks when this was 0.
    std::uint64_t interrupt_nesting = 0;
    /// Top of the stack that it begins on; 0 for the boot CPU.
    std::uint64_t start_stack_top = 0;
    /// Where entries from user mode begin, while machine::enter_user() runs; the same as the task state's
    /// ring_stack[0].
    std::uint64_t entry_stack_top = 0;
    std::uint64_t user_stack_pointer = 0; ///< the program's, for two instructions of the system-call entry
    std::uint32_t apic_id = 0;            ///< where interrupts for it are sent; set before it starts
    /// It has reached C++, after machine::start_processor(). Written by the CPU itself.
    std::atomic<bool> begun{false};
    GlobalDescriptorTable descriptors{};
    TaskState task_state{};
};

// trap/frame.h has these numbers.
static_assert(offsetof(CpuData, self) == 0);
static_assert(offsetof(CpuData, interrupt_stack_top) == 8);
static_assert(offsetof(CpuData, interrupt_nesting) == 16);
static_assert(offsetof(CpuData, start_stack_top) == 24);
static_assert(offsetof(CpuData, entry_stack_top) == 32);
static_assert(offsetof(CpuData, user_stack_pointer) == 40);
static_assert(offsetof(CpuData, task_state) + offsetof(TaskState, ring_stack) == 124);

} // namespace heddle::machine
