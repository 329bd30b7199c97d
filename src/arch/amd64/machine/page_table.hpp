// SPDX-License-Identifier: BSD-2-Clause
// The page-table policy of amd64 for core's one walker: how an entry is made and read, how a change takes
// effect.
#pragma once

#include "core/memory/mapping_types.hpp"
#include "lib/units.hpp"

#include <cstdint>

namespace heddle::machine {

/// Four-level paging (SDM vol. 3A, 4.5). Leaves are never global: there is one address space, so nothing
/// would outlive a CR3 load that should, and a CR3 load then empties the whole TLB.
struct PageTable {
    using Entry = std::uint64_t;
    static constexpr unsigned levels = 4;

    /// An entry that points to the table at `table`. Permissive: the leaf decides.
    static constexpr Entry table_entry(PhysAddr table) {
        return table.value | present_bit | writable | user | accessed;
    }

    /// An entry that maps `address`, aligned to its level: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB. Accessed and
    /// dirty are set beforehand so that the CPU never writes to a table.
    static constexpr Entry leaf_entry(PhysAddr address, core::memory::Permissions permissions,
                                      unsigned level) {
        using namespace core::memory;
        Entry entry = address.value | present_bit | accessed;
        if (permissions.access == Access::read_write) {
            entry |= writable | dirty;
        }
        if (permissions.access != Access::read_execute) {
            entry |= no_execute;
        }
        if (permissions.privilege == Privilege::user) {
            entry |= user;
        }
        if (permissions.caching == Caching::device) {
            entry |= write_through | cache_disable; // PAT entry 3, uncached as after reset
        }
        if (level > 0) {
            entry |= large;
        }
        return entry;
    }

    static constexpr bool present(Entry entry) { return (entry & present_bit) != 0; }

    /// Whether a present entry of a table at `level` maps memory rather than pointing to a table.
    static constexpr bool leaf(Entry entry, unsigned level) { return level == 0 || (entry & large) != 0; }

    static constexpr PhysAddr address(Entry entry) { return PhysAddr{entry & address_mask}; }

    /// What a leaf permits, read back from its bits. A leaf that is writable and executable, which this
    /// policy never makes, reads as read_execute with `writable_and_executable` true.
    static constexpr core::memory::Permissions permissions(Entry entry) {
        using namespace core::memory;
        const bool executable = (entry & no_execute) == 0;
        const bool is_writable = (entry & writable) != 0;
        return {.access = executable    ? Access::read_execute
                          : is_writable ? Access::read_write
                                        : Access::read,
                .privilege = (entry & user) != 0 ? Privilege::user : Privilege::kernel,
                .caching = (entry & cache_disable) != 0 ? Caching::device : Caching::normal};
    }

    /// The combination that permissions() cannot say: for the test that reads the page tables back.
    static constexpr bool writable_and_executable(Entry entry) {
        return (entry & (writable | no_execute)) == writable;
    }

    /// Whether this CPU has leaves at `level`: 2 MiB always, 1 GiB by CPUID.
    static bool supports_leaf(unsigned level);

    /// Drops this CPU's translation of the page at `address`, and the paging-structure caches with it.
    static void invalidate(VirtAddr address) {
        asm volatile("invlpg (%0)" : : "r"(address.value) : "memory");
    }

    /// No CPU can invalidate for another: shootdowns are cross calls.
    static constexpr bool broadcasts = false;

    /// One tree of tables holds both halves; leaves say who may use them.
    static constexpr bool lower_half_apart = false;

    /// Drops all of this CPU's translations and paging-structure caches: none is global. What other CPUs
    /// wrote before something that this CPU has read is in effect afterwards.
    static void invalidate_all() { activate(active_root()); }

    /// Makes entries written before visible to the page walks that follow: x86 walks see stores in order.
    static void publish() { asm volatile("" : : : "memory"); }

    /// Switches to the tables at `root` and forgets every old translation.
    static void activate(PhysAddr root) { asm volatile("movq %0, %%cr3" : : "r"(root.value) : "memory"); }

    static PhysAddr active_root() {
        std::uint64_t cr3;
        asm volatile("movq %%cr3, %0" : "=r"(cr3));
        return PhysAddr{cr3 & address_mask};
    }

  private:
    static constexpr Entry present_bit = 1U << 0;
    static constexpr Entry writable = 1U << 1;
    static constexpr Entry user = 1U << 2;
    static constexpr Entry write_through = 1U << 3;
    static constexpr Entry cache_disable = 1U << 4;
    static constexpr Entry accessed = 1U << 5;
    static constexpr Entry dirty = 1U << 6;
    static constexpr Entry large = 1U << 7;
    static constexpr Entry no_execute = 1ULL << 63;
    static constexpr Entry address_mask = 0x000f'ffff'ffff'f000;
};

} // namespace heddle::machine
