// SPDX-License-Identifier: BSD-2-Clause
// A BootInfo for a test to fill. It is too large for a test's stack, hence one for all.
#pragma once

#include "core/boot/boot_info.hpp"

#include <new>

namespace heddle::test {

/// As new; the same object each time.
inline core::boot::BootInfo& fresh_boot_info() {
    alignas(core::boot::BootInfo) static constinit std::byte storage[sizeof(core::boot::BootInfo)]{};
    return *new (storage) core::boot::BootInfo;
}

inline void add_memory(core::boot::BootInfo& boot_info, std::uint64_t base, std::uint64_t size,
                       core::boot::MemoryKind kind) {
    (void)boot_info.memory.push_back({PhysAddr{base}, size, kind});
}

} // namespace heddle::test
