// SPDX-License-Identifier: BSD-2-Clause
// Each CPU's own data, reached through a register (GS base, TPIDR_EL1): no lock, but interrupts off or pinned to use it.
#pragma once

#include "core/memory/cpu_cache.hpp"
#include "lib/units.hpp"
#include "machine/cpu.hpp"
#include "machine/cpu_data.hpp"

#include <array>

namespace heddle::core::cpu {

/// One per CPU, cache-line aligned. The machine's part comes first, because entry code addresses it by fixed offsets.
struct alignas(64) CpuLocal {
    machine::CpuData machine;
    CpuId id;
    /// Depth of nested interrupt handlers; 0 outside of them.
    std::uint32_t interrupt_depth = 0;
    memory::FrameCache frames;
    memory::MagazineTable magazines;
};

/// This CPU's data. The reference is only as good as the caller's promise to stay on this CPU.
inline CpuLocal& current() {
    return *reinterpret_cast<CpuLocal*>(machine::cpu_pointer());
}

/// Data of CPU `id`, which must be below CpuId::limit. For the boot CPU valid from the first C++ instruction.
CpuLocal& local(CpuId id);

} // namespace heddle::core::cpu
