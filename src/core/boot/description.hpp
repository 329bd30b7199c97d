// SPDX-License-Identifier: BSD-2-Clause
// The contract of a description source: something that reads what firmware says of the machine into BootInfo.
#pragma once

#include "core/boot/boot_info.hpp"
#include "lib/result.hpp"

#include <span>
#include <string_view>

namespace heddle::core::boot {

/// ACPI and the device tree are each one. Descriptors are `constinit const` in the linker section
/// `.descriptions` (see HEDDLE_DESCRIPTION_SOURCE); boot asks them as they were linked: none needs another.
struct DescriptionSource {
    std::string_view name;
    /// Whether this machine brought such a description.
    bool (*present)(const BootInfo&);
    /// Fills `command_line` and `seed` where the boot protocol left them empty. Runs on the early page
    /// tables, before the image is where it will stay: no log, no lock, no panic, no pointer kept into the
    /// image. What is malformed is passed over; describe_memory() will say it. May be null.
    void (*describe_early)(BootInfo&);
    /// Fills `memory`, `command_line` and `archive` where the boot protocol left them empty. Runs on the
    /// early page tables, before anything can be allocated. May be null: it knows nothing of memory.
    Result<void> (*describe_memory)(BootInfo&);
    /// Fills the rest. Runs on the final page tables; all RAM is in the direct map, devices are not mapped.
    /// What is malformed is logged by name and skipped, or is an error when nothing can be had from the
    /// source.
    Result<void> (*describe_devices)(BootInfo&);
};

/// The sources linked into this image.
std::span<const DescriptionSource> description_sources();

} // namespace heddle::core::boot

#define HEDDLE_DESCRIPTION_SOURCE(identifier)                                                                \
    [[gnu::section(".descriptions"), gnu::used,                                                              \
      gnu::retain]] constinit const ::heddle::core::boot::DescriptionSource identifier
