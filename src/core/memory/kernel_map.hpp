// SPDX-License-Identifier: BSD-2-Clause
// The kernel's page tables: the one walker over the machine's page-table policy. Maps what it is told; who
// owns which addresses is the arena's business.
#pragma once

#include "core/memory/frame_list.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/mapping_types.hpp"
#include "core/memory/memory_map.hpp"
#include "core/sync/spinlock.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"
#include "machine/page_table.hpp"

#include <optional>

namespace heddle::core::memory {

/// What a virtual address leads to.
struct Translation {
    PhysAddr address; ///< of that very byte
    Permissions permissions;
    unsigned level = 0; ///< of the leaf: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB

    constexpr bool operator==(const Translation&) const = default;
};

/// One leaf of the tables, as for_each_leaf() shows it.
struct Leaf {
    VirtAddr begin;
    std::uint64_t size = 0;
    Translation translation;
    /// What Permissions cannot say; never true, unless something is broken.
    bool writable_and_executable = false;
};

/// A tree of page tables. Addresses and sizes are whole pages. Every change is planned first, tables it needs
/// are allocated, and only then anything is written: a call that fails has changed nothing, and committing
/// cannot fail.
///
/// Context of all functions: any in which Rank::address_space may be taken; of unmap() and protect(), which
/// wait for other CPUs, thread context without any spinlock.
class KernelMap {
  public:
    constexpr KernelMap() = default;
    KernelMap(const KernelMap&) = delete;
    KernelMap& operator=(const KernelMap&) = delete;

    /// Boot: makes an empty root. All tables come from `memory` (whole pages, in the direct map by early
    /// tables) until use_frames() is called; map() then fails with Error::out_of_memory when they run out.
    Result<void> create(PhysRange memory);

    /// Ends create()'s phase: further tables come from frames(). Returns the pages that were used for tables.
    PhysRange use_frames();

    /// Maps `size` bytes at `begin` to `target` onward, with the largest leaves that fit.
    /// Error::already_exists when any part is mapped, Error::invalid_argument for unaligned values,
    /// Error::out_of_memory.
    Result<void> map(VirtAddr begin, PhysAddr target, std::uint64_t size, Permissions permissions)
        EXCLUDES(lock_);

    /// Maps each of `list`'s frames with a leaf of its own, the first at `begin`, and takes them over; when
    /// it fails, as map() does, they are all the caller's still.
    Result<void> map_frames(VirtAddr begin, FrameList& list, Permissions permissions) EXCLUDES(lock_);

    /// Unmaps `size` bytes at `begin`, which must all be mapped (Error::not_found). Tables that become empty
    /// are freed. A leaf that reaches beyond the range is split, which may give Error::out_of_memory;
    /// unmapping what one map() call mapped needs no split and cannot fail. When it returns no CPU translates
    /// these addresses.
    Result<void> unmap(VirtAddr begin, std::uint64_t size) EXCLUDES(lock_);

    /// Undoes map_frames(), in whole or in part: the frames that were mapped there are the caller's, and no
    /// CPU translates to them any more. Otherwise as unmap(), and cannot fail but for Error::not_found.
    Result<FrameList> unmap_frames(VirtAddr begin, std::uint64_t size) EXCLUDES(lock_);

    /// Changes what the range, which must all be mapped, permits. Caching cannot change
    /// (Error::invalid_argument). Otherwise as unmap(): a leaf that maps the caller's stack or its own table
    /// is not split (Error::busy); nor, once there are several CPUs and the machine has to break a leaf
    /// before it makes smaller ones, is a leaf outside of the arena.
    Result<void> protect(VirtAddr begin, std::uint64_t size, Permissions permissions) EXCLUDES(lock_);

    /// What `address` leads to; Error::not_found when nothing is mapped. Takes no lock, so that a fault
    /// handler may ask: the answer holds as long as nobody unmaps the address.
    Result<Translation> translate(VirtAddr address) const;

    /// Calls `visit(const Leaf&)` for every leaf in the order of addresses, with the lock held: it must
    /// neither allocate nor wait.
    template <class Visitor>
    void for_each_leaf(Visitor visit) const EXCLUDES(lock_) {
        const sync::SpinlockGuard guard{lock_};
        visit_leaves(
            root_, root_level, 0,
            [](void* context, const Leaf& leaf) { (*static_cast<Visitor*>(context))(leaf); }, &visit);
    }

    PhysAddr root() const { return root_; }

  private:
    using Entry = machine::PageTable::Entry;
    static constexpr unsigned root_level = machine::PageTable::levels - 1;

    class Tables;

    struct Target {
        std::uint64_t begin;
        std::uint64_t address; ///< physical
        std::uint64_t size;
        FrameList* frames = nullptr; ///< in place of `address`

        void advance(std::uint64_t bytes) {
            begin += bytes;
            address += bytes;
            size -= bytes;
        }
    };

    /// What becomes of the leaves in a range: other permissions, or none at all.
    struct Edit {
        std::optional<Permissions> permissions;
        FrameList* removed = nullptr; ///< takes over what the leaves mapped
    };

    std::uint64_t map_leaves(PhysAddr table, unsigned level, const Target& target, Permissions permissions,
                             const Tables& tables) REQUIRES(lock_);
    std::uint64_t map_listed(PhysAddr table, const Target& target, Permissions permissions,
                             const Tables& tables) REQUIRES(lock_);
    Result<void> map(const Target& target, Permissions permissions) EXCLUDES(lock_);
    Result<void> map_level(PhysAddr table, unsigned level, Target target, Permissions permissions,
                           Tables& tables) REQUIRES(lock_);
    Result<void> edit(VirtAddr begin, std::uint64_t size, const Edit& edit) EXCLUDES(lock_);
    Result<void> edit_tables(VirtAddr begin, std::uint64_t size, const Edit& edit, Tables& tables)
        EXCLUDES(lock_);
    Result<bool> edit_level(PhysAddr table, unsigned level, std::uint64_t begin, std::uint64_t size,
                            const Edit& edit, Tables& tables) REQUIRES(lock_);
    static void change_leaf(PhysAddr table, unsigned level, std::uint64_t address, const Edit& edit);
    static PhysAddr split(PhysAddr table, unsigned level, std::uint64_t address, Tables& tables);
    bool in_use(PhysAddr table, unsigned level, std::uint64_t address) const;
    void visit_leaves(PhysAddr table, unsigned level, std::uint64_t begin, void (*visit)(void*, const Leaf&),
                      void* context) const REQUIRES(lock_);

    mutable sync::Spinlock lock_{sync::Rank::address_space};
    PhysAddr root_;
    PhysAddr boot_tables_next_; ///< while boot: where the next table is made
    PhysRange boot_tables_{};   ///< tables in here are for good
    bool booting_ = true;
};

/// The kernel's one instance.
KernelMap& kernel_map();

} // namespace heddle::core::memory
