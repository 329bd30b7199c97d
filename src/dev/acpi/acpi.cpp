// SPDX-License-Identifier: BSD-2-Clause
// The description source `acpi`: gives the parsers physical memory to read through. Kernel only.
#include "core/boot/description.hpp"
#include "dev/acpi/describe.hpp"

namespace heddle::dev::acpi {
namespace {

using core::boot::BootInfo;
using core::boot::EarlyReader;
using core::boot::RamReader;

bool present(const BootInfo& boot_info) {
    return boot_info.rsdp.value != 0 || find_root_pointer(EarlyReader{boot_info.early_map_end}).has_value();
}

HEDDLE_DESCRIPTION_SOURCE(acpi){
    .name = "acpi",
    .present = present,
    .describe_early = nullptr,
    .describe_memory =
        [](BootInfo& boot_info) {
            describe_memory(EarlyReader{boot_info.early_map_end}, boot_info);
            return Result<void>{};
        },
    .describe_devices = [](BootInfo& boot_info) { return describe_devices(RamReader{boot_info}, boot_info); },
};

} // namespace
} // namespace heddle::dev::acpi
