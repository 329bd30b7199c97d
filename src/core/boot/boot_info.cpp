// SPDX-License-Identifier: BSD-2-Clause
// Sums over the memory map, whose regions may overlap and come in any order.
#include "core/boot/boot_info.hpp"

#include <algorithm>

namespace heddle::core::boot {
namespace {

/// Past the region's last byte; a region that would wrap ends at the top of the address space.
std::uint64_t end_of(const MemoryRegion& region) {
    return region.size > UINT64_MAX - region.base.value ? UINT64_MAX : region.base.value + region.size;
}

/// A stretch of physical memory over which the same regions lie.
struct Stretch {
    bool covered = false;
    MemoryKind kind = MemoryKind::usable; ///< of the winning region, when covered
    std::uint64_t end = UINT64_MAX;
};

/// The stretch that starts at `address`. Looks at every region, so that the map needs no order and no copy.
Stretch stretch_at(std::span<const MemoryRegion> regions, std::uint64_t address) {
    Stretch stretch;
    for (const MemoryRegion& region : regions) {
        const std::uint64_t begin = region.base.value;
        const std::uint64_t end = end_of(region);
        if (begin > address) {
            stretch.end = std::min(stretch.end, begin);
        } else if (end > address) {
            stretch.end = std::min(stretch.end, end);
            stretch.kind = stretch.covered ? std::max(stretch.kind, region.kind) : region.kind;
            stretch.covered = true;
        }
    }
    return stretch;
}

} // namespace

PhysAddr BootInfo::end_of_memory() const {
    std::uint64_t end = 0;
    for (const MemoryRegion& region : memory) {
        if (region.kind != MemoryKind::reserved) {
            end = std::max(end, end_of(region));
        }
    }
    return PhysAddr{end};
}

std::uint64_t BootInfo::usable_bytes() const {
    std::uint64_t bytes = 0;
    for (std::uint64_t address = 0; address != UINT64_MAX;) {
        const Stretch stretch = stretch_at(memory.span(), address);
        if (stretch.covered && stretch.kind == MemoryKind::usable) {
            bytes += stretch.end - address;
        }
        address = stretch.end;
    }
    return bytes;
}

bool BootInfo::is_ram(PhysAddr base, std::uint64_t size) const {
    if (size > UINT64_MAX - base.value) {
        return false;
    }
    const std::uint64_t end = base.value + size;
    for (std::uint64_t address = base.value; address < end;) {
        const Stretch stretch = stretch_at(memory.span(), address);
        if (!stretch.covered || stretch.kind == MemoryKind::reserved) {
            return false;
        }
        address = stretch.end;
    }
    return true;
}

} // namespace heddle::core::boot
