// SPDX-License-Identifier: BSD-2-Clause
// What the fuzz targets share: a check that stays on, and what must hold of BootInfo whatever a parser was
// fed.
#pragma once

#include "core/boot/boot_info.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace heddle::test {

inline void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
        std::abort();
    }
}

inline bool is_inside(std::span<const std::byte> part, std::span<const std::byte> whole) {
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

inline bool is_inside(std::string_view part, std::span<const std::byte> whole) {
    return is_inside(std::as_bytes(std::span{part}), whole);
}

/// What every accepted input must leave behind.
inline void require_sound(const core::boot::BootInfo& boot_info, std::span<const std::byte> input) {
    for (const auto& region : boot_info.memory) {
        require(region.size != 0, "no memory region is empty");
        require(region.size <= UINT64_MAX - region.base.value, "no memory region wraps");
    }
    require(is_inside(boot_info.command_line, input), "the command line lies in the boot data");
    require(is_inside(boot_info.loader, input), "the loader's name lies in the boot data");
    require(boot_info.archive.size == 0 || boot_info.is_ram(boot_info.archive.base, boot_info.archive.size),
            "the archive is in RAM");
    require(boot_info.cpus.size() <= boot_info.cpus_present, "no more CPUs are described than are there");
    require(boot_info.pci_first_bus <= boot_info.pci_last_bus, "PCI buses are in order");
    require(boot_info.power.sleep_type_a <= 7 && boot_info.power.sleep_type_b <= 7,
            "sleep types have three bits");
    require(boot_info.usable_bytes() <= boot_info.end_of_memory().value, "usable RAM is below its end");
}

} // namespace heddle::test
