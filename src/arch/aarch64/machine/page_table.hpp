// SPDX-License-Identifier: BSD-2-Clause
// Page tables as this machine wants them (Arm ARM D8.3, VMSAv8-64): 4 KiB granule, four levels, 48-bit
// addresses. A policy for the one walker in core/memory; nothing here walks.
#pragma once

#include "core/memory/mapping_types.hpp"
#include "cpu/features.hpp"
#include "lib/units.hpp"
#include "offsets.h"

#include <cstdint>

namespace heddle::machine {

struct PageTable {
    using Entry = std::uint64_t;
    using Permissions = core::memory::Permissions;
    using Access = core::memory::Access;
    using Privilege = core::memory::Privilege;
    using Caching = core::memory::Caching;

    static constexpr unsigned levels = 4;

    static constexpr Entry table_entry(PhysAddr table) { return table.value | valid | not_block; }

    /// `level`: 0 a 4 KiB page, 1 a 2 MiB block, 2 a 1 GiB block.
    static Entry leaf_entry(PhysAddr address, Permissions permissions, unsigned level) {
        Entry entry = address.value | valid | access_flag | inner_shareable;
        entry |= level == 0 ? not_block : 0;
        entry |= (permissions.caching == Caching::device ? Entry{MAIR_DEVICE} : Entry{MAIR_NORMAL})
                 << attribute_shift;
        entry |= permissions.access == Access::read_write ? 0 : read_only;
        const bool user = permissions.privilege == Privilege::user;
        const bool execute = permissions.access == Access::read_execute;
        entry |= user ? user_access | not_global : 0;
        entry |= execute && user ? 0 : user_execute_never;
        entry |= execute && !user ? 0 : privileged_execute_never;
        // Indirect branches into kernel code must meet a landing pad.
        entry |= execute && !user && aarch64::cpu_features.branch_targets ? guarded_page : 0;
        return entry;
    }

    static constexpr bool present(Entry entry) { return (entry & valid) != 0; }

    static constexpr bool leaf(Entry entry, unsigned level) { return level == 0 || (entry & not_block) == 0; }

    static constexpr PhysAddr address(Entry entry) { return PhysAddr{entry & address_mask}; }

    /// What a leaf permits, read back from its bits. A leaf that is writable and executable, which this
    /// policy never makes, reads as read_execute with `writable_and_executable` true.
    static constexpr Permissions permissions(Entry entry) {
        const bool is_writable = (entry & read_only) == 0;
        return {.access = executable(entry) ? Access::read_execute
                          : is_writable     ? Access::read_write
                                            : Access::read,
                .privilege = (entry & user_access) != 0 ? Privilege::user : Privilege::kernel,
                .caching =
                    ((entry >> attribute_shift) & 7) == MAIR_DEVICE ? Caching::device : Caching::normal};
    }

    /// The combination that permissions() cannot say: for the test that reads the page tables back.
    static constexpr bool writable_and_executable(Entry entry) {
        return (entry & read_only) == 0 && executable(entry);
    }

    static bool supports_leaf(unsigned level) { return level <= 2; }

    /// Forgets this CPU's translation of the page at `address`, whatever its address space. The entry was
    /// made invalid before (break before make, D8.16.1), or only its permissions changed.
    static void invalidate(VirtAddr address) {
        const std::uint64_t operand = (address.value >> page_shift) & 0xfff'ffff'ffff;
        asm volatile("dsb nshst\n\ttlbi vaae1, %0\n\tdsb nsh\n\tisb" ::"r"(operand) : "memory");
    }

    /// One instruction invalidates for all CPUs, see broadcast_invalidate().
    static constexpr bool broadcasts = true;

    /// Drops all of this CPU's translations of EL1 and EL0, cached table entries included. What other CPUs
    /// wrote and published before something that this CPU has read is in effect afterwards.
    static void invalidate_all() { asm volatile("dsb nshst\n\ttlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory"); }

    /// Drops every CPU's translations of the pages of `size` bytes at `begin`, cached table entries included;
    /// done on all when it returns. Cheap for few pages only: beyond `single_pages` everything goes.
    static void broadcast_invalidate(VirtAddr begin, std::uint64_t size) {
        constexpr std::uint64_t single_pages = 32;
        asm volatile("dsb ishst" ::: "memory");
        if (size > single_pages * page_size) {
            asm volatile("tlbi vmalle1is" ::: "memory");
        } else {
            for (std::uint64_t offset = 0; offset < size; offset += page_size) {
                const std::uint64_t operand = ((begin + offset).value >> page_shift) & 0xfff'ffff'ffff;
                asm volatile("tlbi vaae1is, %0" ::"r"(operand) : "memory");
            }
        }
        asm volatile("dsb ish\n\tisb" ::: "memory");
    }

    /// Makes written entries visible to the table walkers before anything that follows.
    static void publish() { asm volatile("dsb ishst\n\tisb" ::: "memory"); }

    /// Exchanges the kernel's tables (TTBR1_EL1) with interrupts off, by break before make: the exchange
    /// itself runs from the identity mapping. The lower half stays as it is. `root` maps this code and the
    /// stack as the active tables do.
    static void activate(PhysAddr root);

    /// Programs' half has tables of its own, in TTBR0_EL1.
    static constexpr bool lower_half_apart = true;

    /// Makes the tables at `root` those of programs' half for good and opens it on the calling CPU. Once, by
    /// the boot CPU at boot; CPUs that start later call open_lower_half().
    static void set_lower_root(PhysAddr root);

    /// Opens programs' half on the calling CPU, if there is one.
    static void open_lower_half();

    static PhysAddr active_root() {
        std::uint64_t root;
        asm volatile("mrs %0, ttbr1_el1" : "=r"(root));
        return address(root);
    }

  private:
    /// At either exception level.
    static constexpr bool executable(Entry entry) {
        return (entry & (user_execute_never | privileged_execute_never)) !=
               (user_execute_never | privileged_execute_never);
    }

    static constexpr Entry valid = 1U << 0;
    static constexpr Entry not_block = 1U << 1; ///< a table, or a page at the last level
    static constexpr unsigned attribute_shift = 2;
    static constexpr Entry user_access = 1U << 6;
    static constexpr Entry read_only = 1U << 7;
    static constexpr Entry inner_shareable = 3U << 8;
    static constexpr Entry access_flag = 1U << 10;
    static constexpr Entry not_global = 1U << 11;
    static constexpr Entry guarded_page = 1ULL << 50;
    static constexpr Entry privileged_execute_never = 1ULL << 53;
    static constexpr Entry user_execute_never = 1ULL << 54;
    static constexpr Entry address_mask = 0x0000'ffff'ffff'f000;
};

} // namespace heddle::machine
