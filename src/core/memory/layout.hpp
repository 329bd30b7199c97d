// SPDX-License-Identifier: BSD-2-Clause
// Where things are in the upper half of the address space, alike on both machines.
#pragma once

#include "lib/units.hpp"

namespace heddle::core::memory {

/// Physical address p is at direct_map_base + p, read-write, never executable; RAM only, devices are in the
/// arena, but for the console that boot begins with.
inline constexpr VirtAddr direct_map_base{0xffff'8000'0000'0000};
inline constexpr std::uint64_t direct_map_size = 64ULL << 40;

/// Mappings made at run time, device registers and kernel stacks, lie in here. Each boot uses half of it,
/// from a page that it draws (memory.hpp).
inline constexpr VirtAddr arena_base{0xffff'c000'0000'0000};
inline constexpr std::uint64_t arena_size = 32ULL << 40;

/// The image as linked, and where it runs with `nokaslr`.
inline constexpr VirtAddr image_base{0xffff'ffff'8000'0000};

/// Where each boot puts the image, at a multiple of image_alignment that it draws
/// (core/boot/image_slide.hpp). What is left around it is never mapped.
inline constexpr VirtAddr image_region{0xffff'e000'0000'0000};
inline constexpr std::uint64_t image_region_size = 32ULL << 40;
inline constexpr std::uint64_t image_alignment = 2 << 20;

/// The direct map's address of `address`, which must be RAM below direct_map_size.
constexpr VirtAddr to_virtual(PhysAddr address) {
    return direct_map_base + address.value;
}

/// Back from the direct map; `address` must lie in it.
constexpr PhysAddr to_physical(VirtAddr address) {
    return PhysAddr{address - direct_map_base};
}

} // namespace heddle::core::memory
