// SPDX-License-Identifier: BSD-2-Clause
// Where things are in the upper half of the address space, alike on both machines.
#pragma once

#include "lib/units.hpp"

namespace heddle::core::memory {

/// Physical address p is at direct_map_base + p, read-write, never executable; RAM only, devices are in the
/// arena.
inline constexpr VirtAddr direct_map_base{0xffff'8000'0000'0000};
inline constexpr std::uint64_t direct_map_size = 64ULL << 40;

/// Mappings made at run time: device registers, kernel stacks.
inline constexpr VirtAddr arena_base{0xffff'c000'0000'0000};
inline constexpr std::uint64_t arena_size = 32ULL << 40;

/// The image as linked.
inline constexpr VirtAddr image_base{0xffff'ffff'8000'0000};

/// The direct map's address of `address`, which must be RAM below direct_map_size.
constexpr VirtAddr to_virtual(PhysAddr address) {
    return direct_map_base + address.value;
}

/// Back from the direct map; `address` must lie in it.
constexpr PhysAddr to_physical(VirtAddr address) {
    return PhysAddr{address - direct_map_base};
}

} // namespace heddle::core::memory
