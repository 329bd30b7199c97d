// SPDX-License-Identifier: BSD-2-Clause
// What the first instructions learnt from whoever loaded the image, on its way to BootInfo. Physical
// addresses only: it is filled before the kernel's mappings exist.
#pragma once

#include "boot/efi.hpp"
#include "core/boot/boot_info.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/units.hpp"
#include "offsets.h"

#include <array>
#include <cstddef>

namespace heddle::aarch64 {

enum class BootProtocol : std::uint8_t { direct, efi };

/// A core::boot::MemoryRegion, but zero at first like all of the hand-off, which then takes no room in the
/// file.
struct HandoffRegion {
    PhysAddr base;
    std::uint64_t size = 0;
    core::boot::MemoryKind kind{};
};

struct Handoff {
    PhysAddr device_tree;          ///< 0: none
    std::uint64_t first_cycle = 0; ///< machine::cycle_count() at the first instruction
    PhysAddr rsdp;                 ///< 0: none
    std::uint64_t seed = 0;        ///< EFI: random bits of the firmware; 0: none
    BootProtocol protocol = BootProtocol::direct;
    /// EFI: the firmware's clock, year 0 when it has none. The firmware hides the clock chip from
    /// descriptions.
    efi::Time wall_clock;
    /// EFI: RAM that is free or will be, merged; empty on direct boot, where the device tree has it.
    FixedVector<HandoffRegion, 240> memory;
    /// EFI: how many ranges of RAM did not fit into `memory` and stay unused.
    std::uint32_t memory_dropped = 0;
    /// EFI: the command line, not terminated; empty on direct boot, where the device tree has it.
    std::array<char, 2048> command_line;
    std::size_t command_line_size = 0;
    bool command_line_cut = false; ///< it did not fit, or held characters that are not ASCII
};

static_assert(offsetof(Handoff, device_tree) == HANDOFF_DEVICE_TREE);
static_assert(offsetof(Handoff, first_cycle) == HANDOFF_FIRST_CYCLE);
static_assert(decltype(Handoff::memory)::capacity() < decltype(core::boot::BootInfo::memory)::capacity());

} // namespace heddle::aarch64

/// Zero-initialised; in memory that the image owns for ever.
extern "C" [[gnu::visibility("hidden")]] heddle::aarch64::Handoff heddle_handoff;
