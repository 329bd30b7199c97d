// SPDX-License-Identifier: BSD-2-Clause
// Each CPU's own data, reached through a register (GS base, TPIDR_EL1): no lock, but interrupts off or pinned
// to use it.
#pragma once

#include "core/cpu/held_locks.hpp"
#include "core/cpu/inbox.hpp"
#include "core/cpu/quiescent_state.hpp"
#include "core/memory/cpu_cache.hpp"
#include "lib/units.hpp"
#include "machine/cpu.hpp"
#include "machine/cpu_data.hpp"

namespace heddle::core::cpu {

/// One per CPU. The machine's part comes first, because entry code addresses it by fixed offsets. What other
/// CPUs write lies in cache lines of its own, so that they slow down nothing else here.
struct alignas(64) CpuLocal {
    machine::CpuData machine;
    CpuId id;
    /// Depth of nested interrupt handlers, 0 outside of them: see core/interrupt/context.hpp.
    std::uint32_t interrupt_depth = 0;
    /// Blocks that keep this CPU from quiescent points and, later, from a switch: see
    /// core/sync/read_section.hpp.
    std::uint32_t preemption_disabled = 0;
    memory::FrameCache frames;
    memory::MagazineTable magazines;
    HeldLocks held_locks;
    /// What a program on this CPU has to do before it is in user mode again: see core/user/entry.hpp.
    std::atomic<std::uint32_t> user_work{0};
    /// Interrupts that this CPU sent to others (and itself); read by any, relaxed: a figure.
    std::atomic<std::uint64_t> notifications{0};

    alignas(64) QuiescentState quiescence; ///< read by others
    alignas(64) Inbox inbox;               ///< written by others
    alignas(64) Broadcast broadcast;       ///< read and acknowledged by others
};

/// This CPU's data. The machine sets its pointer before it first calls into core. The reference is only as
/// good as the caller's promise to stay on this CPU.
inline CpuLocal& current() {
    return *reinterpret_cast<CpuLocal*>(machine::cpu_pointer());
}

/// Whether the caller runs in an interrupt handler. Any context.
inline bool in_interrupt() {
    return current().interrupt_depth > 0;
}

/// Data of CPU `id`, which must be below CpuId::limit. For the boot CPU valid from the first C++ instruction
/// after bss is zeroed: all-zero is the initial state, and `id` is written by whoever starts a CPU.
CpuLocal& local(CpuId id);

} // namespace heddle::core::cpu
