// SPDX-License-Identifier: BSD-2-Clause
// Stands in for src/core/memory/layout.hpp: a direct map where a host process may have one.
#pragma once

#include "lib/units.hpp"

namespace heddle::core::memory {

// The sanitizers disagree about where a process may have memory.
#if __has_feature(thread_sanitizer)
inline constexpr VirtAddr direct_map_base{0x0100'0000'0000};
#else
inline constexpr VirtAddr direct_map_base{0x2000'0000'0000};
#endif
inline constexpr std::uint64_t direct_map_size = 4ULL << 40;
inline constexpr VirtAddr arena_base{0xffff'c000'0000'0000};
inline constexpr std::uint64_t arena_size = 32ULL << 40;

constexpr VirtAddr to_virtual(PhysAddr address) {
    return direct_map_base + address.value;
}

constexpr PhysAddr to_physical(VirtAddr address) {
    return PhysAddr{address - direct_map_base};
}

} // namespace heddle::core::memory
