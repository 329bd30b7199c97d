// SPDX-License-Identifier: BSD-2-Clause
// A page-table policy of no machine, for the walker on the host: entries that are easy to read, 1 GiB leaves,
// and a count of forgotten translations.
#pragma once

#include "core/memory/mapping_types.hpp"
#include "lib/bits.hpp"
#include "lib/units.hpp"

#include <cstdint>

namespace heddle::machine {

struct PageTable {
    using Entry = std::uint64_t;
    using Permissions = core::memory::Permissions;
    static constexpr unsigned levels = 4;

    static constexpr Entry table_entry(PhysAddr table) { return table.value | 1; }

    static constexpr Entry leaf_entry(PhysAddr address, Permissions permissions, unsigned) {
        return address.value | 3 | (Entry(permissions.access) << 2) | (Entry(permissions.privilege) << 4) |
               (Entry(permissions.caching) << 5);
    }

    static constexpr bool present(Entry entry) { return (entry & 1) != 0; }

    static constexpr bool leaf(Entry entry, unsigned) { return (entry & 2) != 0; }

    static constexpr PhysAddr address(Entry entry) { return PhysAddr{align_down<Entry>(entry, page_size)}; }

    static constexpr Permissions permissions(Entry entry) {
        return {core::memory::Access(bits(entry, 3, 2)), core::memory::Privilege(bits(entry, 4, 4)),
                core::memory::Caching(bits(entry, 5, 5))};
    }

    static constexpr bool writable_and_executable(Entry) { return false; }

    static bool supports_leaf(unsigned level) { return level <= 2; }

    static constexpr bool broadcasts = false;

    static void invalidate(VirtAddr) { ++invalidations; }

    static void invalidate_all() { ++invalidations; }

    static void publish() {}

    static void activate(PhysAddr) {}

    static PhysAddr active_root() { return {}; }

    static inline std::uint64_t invalidations = 0;
};

} // namespace heddle::machine
