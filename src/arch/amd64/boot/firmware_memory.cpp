// SPDX-License-Identifier: BSD-2-Clause
// What Multiboot2 and PVH have in common: ranges of memory and modules, checked and entered into BootInfo.
#include "firmware_memory.hpp"

#include "core/log/log.hpp"

namespace heddle::amd64 {
namespace {

using core::boot::BootInfo;
using core::boot::MemoryKind;
using core::boot::MemoryRegion;

constexpr std::uint32_t type_ram = 1;
constexpr std::uint32_t type_acpi_tables = 3;
constexpr std::uint32_t type_acpi_non_volatile = 4;

/// ACPI's own memory is RAM that we read and keep; whatever we do not know is not ours.
constexpr MemoryKind kind_of(std::uint32_t type) {
    switch (type) {
    case type_ram: return MemoryKind::usable;
    case type_acpi_tables:
    case type_acpi_non_volatile: return MemoryKind::reclaimable;
    default: return MemoryKind::reserved;
    }
}

bool wraps(std::uint64_t base, std::uint64_t size) {
    return size > UINT64_MAX - base;
}

std::unexpected<Error> malformed(BootProblem& problem, std::string_view what) {
    problem.what = what;
    return fail(Error::malformed);
}

Result<void> add(BootInfo& boot_info, const MemoryRegion& region, BootProblem& problem) {
    if (!boot_info.memory.push_back(region)) {
        problem.what = "more memory regions than the kernel keeps";
        return fail(Error::out_of_range);
    }
    return {};
}

} // namespace

Result<void> add_firmware_range(BootInfo& boot_info, const FirmwareRange& range, BootProblem& problem) {
    if (range.size == 0) {
        return {};
    }
    if (wraps(range.base, range.size)) {
        return malformed(problem, "a memory region wraps around the address space");
    }
    const MemoryRegion region{PhysAddr{range.base}, range.size, kind_of(range.type)};
    if (!boot_info.memory.empty()) {
        MemoryRegion& last = boot_info.memory[boot_info.memory.size() - 1];
        if (last.kind == region.kind && last.base + last.size == region.base) {
            last.size += region.size;
            return {};
        }
    }
    return add(boot_info, region, problem);
}

Result<void> keep(BootInfo& boot_info, PhysAddr base, std::uint64_t size, MemoryKind kind,
                  BootProblem& problem) {
    if (size == 0) {
        return {};
    }
    if (wraps(base.value, size)) {
        return malformed(problem, "boot data wraps around the address space");
    }
    return add(boot_info, {base, size, kind}, problem);
}

Result<void> add_module(BootInfo& boot_info, PhysAddr base, std::uint64_t size, std::string_view name,
                        BootProblem& problem) {
    if (!boot_info.is_ram(base, size)) {
        return malformed(problem, "a module is not in RAM");
    }
    if (boot_info.archive.size == 0) {
        boot_info.archive = {base, size};
        return keep(boot_info, base, size, MemoryKind::module, problem);
    }
    core::log::warning("boot: module \"{}\" of {} bytes ignored: only the first is the boot archive", name,
                       size);
    return {}; // its memory is ours
}

} // namespace heddle::amd64
