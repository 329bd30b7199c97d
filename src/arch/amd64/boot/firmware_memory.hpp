// SPDX-License-Identifier: BSD-2-Clause
// The memory types of a PC's firmware (ACPI 6.5, 15.1), which Multiboot2 and PVH both pass on.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/boot/physical_reader.hpp"

namespace heddle::amd64 {

using core::boot::BootProblem;

/// One range as firmware reported it.
struct FirmwareRange {
    std::uint64_t base;
    std::uint64_t size;
    std::uint32_t type;
};

/// Adds `range` to the memory map, its type translated; ranges that continue the last one of the same kind
/// extend it. Error::malformed when it wraps, Error::out_of_range when the map is full.
Result<void> add_firmware_range(core::boot::BootInfo& boot_info, const FirmwareRange& range,
                                BootProblem& problem);

/// Keeps the bytes of boot data at `base` from being handed out. Nothing for an empty range.
Result<void> keep(core::boot::BootInfo& boot_info, PhysAddr base, std::uint64_t size,
                  core::boot::MemoryKind kind, BootProblem& problem);

/// Takes a module: the first one that is not empty is the boot archive, further ones are named in the log and
/// left alone. Error::malformed when it is not in RAM. The memory map must be complete but for kept ranges.
Result<void> add_module(core::boot::BootInfo& boot_info, PhysAddr base, std::uint64_t size,
                        std::string_view name, BootProblem& problem);

} // namespace heddle::amd64
