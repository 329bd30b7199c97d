// SPDX-License-Identifier: BSD-2-Clause
// Each CPU's own data, reached through a register (GS base, TPIDR_EL1): no lock, but interrupts off or pinned
// to use it.
#pragma once

#include "core/cpu/held_locks.hpp"
#include "core/memory/cpu_cache.hpp"
#include "lib/units.hpp"
#include "machine/cpu.hpp"
#include "machine/cpu_data.hpp"

namespace heddle::core::cpu {

/// One per CPU, cache-line aligned. The machine's part comes first, because entry code addresses it by fixed
/// offsets.
struct alignas(64) CpuLocal {
    machine::CpuData machine;
    CpuId id;
    /// Depth of nested interrupt handlers, 0 outside of them: see core/interrupt/context.hpp.
    std::uint32_t interrupt_depth = 0;
    memory::FrameCache frames;
    memory::MagazineTable magazines;
    HeldLocks held_locks;
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
