// SPDX-License-Identifier: BSD-2-Clause
// Part of the EFI stub: the rules of efi_stub.cpp hold here too.
#include "boot/efi_memory_map.hpp"

#include <optional>

namespace heddle::aarch64 {
namespace {

using core::boot::MemoryKind;

struct MemoryMap {
    std::byte* descriptors = nullptr;
    std::size_t capacity = 0; ///< bytes at `descriptors`
    std::size_t size = 0;     ///< bytes in use
    std::size_t key = 0;
    std::size_t stride = 0;
};

/// Room for a map that grows by the allocation itself and by what events do between two tries.
constexpr std::size_t slack = 4096;

efi::Status allocate(efi::BootServices& services, MemoryMap& map) {
    std::uint32_t version = 0;
    map.size = 0;
    const auto status = services.get_memory_map(&map.size, nullptr, &map.key, &map.stride, &version);
    if (status != efi::buffer_too_small) {
        return status | efi::error_bit;
    }
    map.capacity = map.size + slack;
    void* buffer = nullptr;
    const auto allocated = services.allocate_pool(efi::MemoryType::loader_data, map.capacity, &buffer);
    map.descriptors = static_cast<std::byte*>(buffer);
    return allocated;
}

efi::Status read(efi::BootServices& services, MemoryMap& map) {
    std::uint32_t version = 0;
    map.size = map.capacity;
    return services.get_memory_map(&map.size, map.descriptors, &map.key, &map.stride, &version);
}

/// What the range is to us; nothing when it is not RAM, or not ours.
std::optional<MemoryKind> kind_of(const efi::MemoryDescriptor& descriptor) {
    const bool ordinary = (descriptor.attribute & efi::memory_write_back) != 0 &&
                          (descriptor.attribute & efi::memory_specific_purpose) == 0;
    if (!ordinary) {
        return std::nullopt;
    }
    switch (static_cast<efi::MemoryType>(descriptor.type)) {
    case efi::MemoryType::loader_code:
    case efi::MemoryType::loader_data:
    case efi::MemoryType::boot_services_code:
    case efi::MemoryType::boot_services_data:
    case efi::MemoryType::conventional: return MemoryKind::usable;
    case efi::MemoryType::acpi_reclaim:
    case efi::MemoryType::acpi_non_volatile: return MemoryKind::reclaimable;
    }
    return std::nullopt;
}

/// Adds a range; the firmware's maps are in order as a rule, so one that continues the last of its kind
/// extends it.
void add(const HandoffRegion& region, Handoff& handoff) {
    auto& regions = handoff.memory;
    if (!regions.empty()) {
        HandoffRegion& last = regions[regions.size() - 1];
        if (last.kind == region.kind && last.base + last.size == region.base) {
            last.size += region.size;
            return;
        }
    }
    if (!regions.push_back(region)) {
        ++handoff.memory_dropped;
    }
}

void translate(const MemoryMap& map, Handoff& handoff) {
    for (std::size_t at = 0; at + map.stride <= map.size; at += map.stride) {
        const auto& descriptor = *reinterpret_cast<const efi::MemoryDescriptor*>(map.descriptors + at);
        if (const auto kind = kind_of(descriptor)) {
            add({PhysAddr{descriptor.physical_start}, descriptor.pages * page_size, *kind}, handoff);
        }
    }
}

} // namespace

efi::Status end_boot_services(efi::Handle image, efi::SystemTable& system, Handoff& handoff) {
    efi::BootServices& services = *system.boot_services;
    MemoryMap map;
    auto status = allocate(services, map);
    // An event that allocates memory in between makes the map's key stale. After the first try nothing but
    // these two calls is allowed (UEFI specification 7.4.6), hence the same buffer again.
    constexpr unsigned tries = 8;
    for (unsigned i = 0; i < tries && status == efi::success; ++i) {
        status = read(services, map);
        if (status != efi::success) {
            break;
        }
        const auto ended = services.exit_boot_services(image, map.key);
        if (ended == efi::success) {
            translate(map, handoff);
            return efi::success;
        }
        status = ended == efi::invalid_parameter && i + 1 < tries ? efi::success : ended;
    }
    return status;
}

} // namespace heddle::aarch64
