// SPDX-License-Identifier: BSD-2-Clause
// The memory map, see memory_map.hpp: a sweep over the regions' boundaries, begun anew for each question.
#include "core/memory/memory_map.hpp"

#include "lib/bits.hpp"

#include <algorithm>

namespace heddle::core::memory {

namespace {

constexpr std::uint64_t page = page_size;

/// Where `base + size` would be, held at the end of the address space.
std::uint64_t end_of(std::uint64_t base, std::uint64_t size) {
    const std::uint64_t end = base + size;
    return end < base ? UINT64_MAX : end;
}

} // namespace

Result<void> MemoryMap::reserve(PhysAddr base, std::uint64_t size) {
    if (size == 0 || base >= limit) {
        return {};
    }
    const std::uint64_t end = std::min(end_of(base.value, size), limit.value);
    return reserved_.push_back({PhysAddr{align_down(base.value, page)}, PhysAddr{align_up(end, page)}});
}

bool MemoryMap::wanted_at(std::uint64_t address, Wanted wanted) const {
    bool described = false;
    boot::MemoryKind kind = boot::MemoryKind::usable;
    for (const boot::MemoryRegion& region : regions_) {
        if (region.base.value <= address && address < end_of(region.base.value, region.size)) {
            described = true;
            kind = std::max(kind, region.kind);
        }
    }
    if (!described) {
        return false;
    }
    return wanted == Wanted::usable ? kind == boot::MemoryKind::usable : kind != boot::MemoryKind::reserved;
}

std::uint64_t MemoryMap::next_boundary(std::uint64_t address) const {
    std::uint64_t next = UINT64_MAX;
    for (const boot::MemoryRegion& region : regions_) {
        const std::uint64_t begin = region.base.value;
        const std::uint64_t end = end_of(begin, region.size);
        next = begin > address ? std::min(next, begin) : next;
        next = end > address ? std::min(next, end) : next;
    }
    return next;
}

/// The first run of wanted bytes at or after `from`, neither end rounded.
std::optional<PhysRange> MemoryMap::next_bytes(std::uint64_t from, Wanted wanted) const {
    std::uint64_t begin = from;
    while (begin < limit.value && !wanted_at(begin, wanted)) {
        begin = next_boundary(begin);
    }
    if (begin >= limit.value) {
        return {};
    }
    std::uint64_t end = next_boundary(begin);
    while (end < limit.value && wanted_at(end, wanted)) {
        end = next_boundary(end);
    }
    return PhysRange{PhysAddr{begin}, std::min(PhysAddr{end}, limit)};
}

const PhysRange* MemoryMap::first_reserved_in(PhysRange range) const {
    const PhysRange* first = nullptr;
    for (const PhysRange& reserved : reserved_) {
        if (reserved.begin < range.end && range.begin < reserved.end &&
            (first == nullptr || reserved.begin < first->begin)) {
            first = &reserved;
        }
    }
    return first;
}

std::optional<PhysRange> MemoryMap::next_usable(PhysAddr from) const {
    // Page 0 stays out: frame 0 and the null pointer's page stand for nothing.
    std::uint64_t at = std::max(from.value, page);
    while (const auto bytes = next_bytes(at, Wanted::usable)) {
        PhysRange range{PhysAddr{align_up(bytes->begin.value, page)},
                        PhysAddr{align_down(bytes->end.value, page)}};
        if (range.begin >= range.end) {
            at = bytes->end.value;
            continue;
        }
        const PhysRange* const reserved = first_reserved_in(range);
        if (reserved == nullptr) {
            return range;
        }
        if (reserved->begin > range.begin) {
            return PhysRange{range.begin, reserved->begin};
        }
        at = reserved->end.value;
    }
    return {};
}

std::optional<PhysRange> MemoryMap::next_ram(PhysAddr from) const {
    const auto bytes = next_bytes(from.value, Wanted::ram);
    if (!bytes) {
        return {};
    }
    // A page that the range before shares was in that range already: `from` is past it.
    const std::uint64_t begin = std::max(align_down(bytes->begin.value, page), from.value);
    return PhysRange{PhysAddr{begin}, PhysAddr{align_up(bytes->end.value, page)}};
}

std::optional<PhysRange> MemoryMap::largest_usable(PhysRange window) const {
    std::optional<PhysRange> largest;
    for (auto range = next_usable(window.begin); range && range->begin < window.end;
         range = next_usable(range->end)) {
        range->end = std::min(range->end, window.end);
        if (!largest || range->size() > largest->size()) {
            largest = range;
        }
    }
    return largest;
}

} // namespace heddle::core::memory
