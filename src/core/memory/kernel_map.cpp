// SPDX-License-Identifier: BSD-2-Clause
// The page-table walker, see kernel_map.hpp. Each change walks twice: planning counts tables and finds every
// reason to refuse, committing repeats the same steps and writes.
#include "core/memory/kernel_map.hpp"

#include "core/cpu/online.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/shootdown.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"

#include <algorithm>
#include <atomic>

namespace heddle::core::memory {

namespace {

using machine::PageTable;
using Entry = PageTable::Entry;

constexpr unsigned entries_per_table = page_size / sizeof(Entry);
constexpr unsigned index_bits = 9;

/// Bytes that one entry of a table at `level` stands for.
constexpr std::uint64_t entry_size(unsigned level) {
    return std::uint64_t{1} << (page_shift + index_bits * level);
}

/// Whether [begin, begin + size) is whole pages and inside the address space.
bool is_page_range(std::uint64_t begin, std::uint64_t size) {
    return size != 0 && is_aligned<std::uint64_t>(begin | size, page_size) && begin + (size - 1) >= begin;
}

/// One entry of a table. Table walkers read it at any time, so it is loaded and stored whole; a store is a
/// release, so that what a table holds is visible before the entry that links it.
class Slot {
  public:
    Slot(PhysAddr table, unsigned level, std::uint64_t address)
        : entry_{to_virtual(table).as<Entry>()[(address / entry_size(level)) % entries_per_table]} {}

    Entry load() const { return std::atomic_ref{entry_}.load(std::memory_order_acquire); }

    void store(Entry value) const { std::atomic_ref{entry_}.store(value, std::memory_order_release); }

  private:
    Entry& entry_;
};

/// The part of [address, address + size) that lies in one entry of a table at `level`.
std::uint64_t piece_of(std::uint64_t address, std::uint64_t size, unsigned level) {
    return std::min(size, entry_size(level) - address % entry_size(level));
}

bool is_empty(PhysAddr table) {
    const Entry* const entries = to_virtual(table).as<const Entry>();
    return std::all_of(entries, entries + entries_per_table, [](Entry entry) { return entry == 0; });
}

/// Whether the machine wants a leaf invalid everywhere before a table of smaller ones takes its place.
constexpr bool breaks_before_make = PageTable::broadcasts;

/// For a template, so that a machine without broadcasts need not have the function.
template <class Table>
void break_leaf(const Slot& slot, std::uint64_t address) {
    if constexpr (breaks_before_make) {
        slot.store(0);
        Table::publish();
        Table::broadcast_invalidate(VirtAddr{address}, page_size);
    }
}

constinit KernelMap the_kernel_map;

} // namespace

KernelMap& kernel_map() {
    return the_kernel_map;
}

/// Where a change gets its tables from, and where it leaves those that it empties. First it counts
/// (planning), then all are reserved at once, then it hands them out.
class KernelMap::Tables {
  public:
    explicit Tables(KernelMap& map)
        : map_{map} {}

    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    bool planning() const { return planning_; }

    /// A zeroed table, or while planning a note that one will be needed.
    PhysAddr take() {
        if (planning_) {
            ++needed_;
            return {};
        }
        PhysAddr table;
        if (map_.booting_) {
            table = map_.boot_tables_next_;
            map_.boot_tables_next_ = table + page_size;
        } else {
            table = list_.pop().address();
        }
        Entry* const entries = to_virtual(table).as<Entry>();
        std::fill_n(entries, entries_per_table, Entry{0});
        return table;
    }

    /// Ends planning: gets hold of all tables, or Error::out_of_memory.
    Result<void> reserve() {
        planning_ = false;
        if (map_.booting_) {
            const std::uint64_t left = (map_.boot_tables_.end - map_.boot_tables_next_) / page_size;
            return needed_ <= left ? Result<void>{} : fail(Error::out_of_memory);
        }
        for (; needed_ != 0; --needed_) {
            list_.push(TRY(frames().allocate()));
        }
        return {};
    }

    /// Takes back a table that nothing links any more and no CPU knows. Those of boot stay for good.
    void retire(PhysAddr table) {
        if (table < map_.boot_tables_.begin || table >= map_.boot_tables_.end) {
            list_.push(Frame::containing(table));
        }
    }

  private:
    KernelMap& map_;
    bool planning_ = true;
    std::uint64_t needed_ = 0;
    FrameList list_; ///< goes back when this goes
};

Result<void> KernelMap::create(PhysRange memory) {
    boot_tables_ = memory;
    boot_tables_next_ = memory.begin;
    Tables tables{*this};
    tables.take();
    TRY(tables.reserve());
    root_ = tables.take();
    return {};
}

PhysRange KernelMap::use_frames() {
    booting_ = false;
    boot_tables_.end = boot_tables_next_;
    return boot_tables_;
}

/// Maps what it can of the target's beginning with leaves of this very table, up to the first entry that is
/// taken. Returns how many bytes. Bringing up a large machine is made of this loop.
std::uint64_t KernelMap::map_leaves(PhysAddr table, unsigned level, const Target& target,
                                    Permissions permissions, const Tables& tables) {
    const std::uint64_t size = entry_size(level);
    if (level == root_level || !is_aligned(target.begin | target.address, size) ||
        !PageTable::supports_leaf(level)) {
        return 0;
    }
    const std::uint64_t left_in_table = entries_per_table - (target.begin / size) % entries_per_table;
    const std::uint64_t count = std::min(target.size / size, left_in_table);
    if (table == PhysAddr{}) {
        return count * size;
    }
    // Entries of consecutive leaves differ by their addresses alone, which both machines keep where they are.
    Entry leaf = PageTable::leaf_entry(PhysAddr{target.address}, permissions, level);
    Entry* const entries = to_virtual(table).as<Entry>() + (target.begin / size) % entries_per_table;
    std::uint64_t mapped = 0;
    for (; mapped < count; ++mapped, leaf += size) {
        const std::atomic_ref entry{entries[mapped]};
        // Relaxed: nothing is followed from here, and what a leaf maps is not written by us.
        if (PageTable::present(entry.load(std::memory_order_relaxed))) {
            break;
        }
        if (!tables.planning()) {
            entry.store(leaf, std::memory_order_relaxed);
        }
    }
    return mapped * size;
}

/// The same for frames that lie anywhere: one leaf each, in a table of the last level.
std::uint64_t KernelMap::map_listed(PhysAddr table, const Target& target, Permissions permissions,
                                    const Tables& tables) {
    const std::uint64_t size = piece_of(target.begin, target.size, 1);
    for (std::uint64_t mapped = 0; mapped < size && table != PhysAddr{}; mapped += page_size) {
        const Slot slot{table, 0, target.begin + mapped};
        if (PageTable::present(slot.load())) {
            return mapped;
        }
        if (!tables.planning()) {
            slot.store(PageTable::leaf_entry(target.frames->pop().address(), permissions, 0));
        }
    }
    return size;
}

/// A missing table (while planning: below one that will be made) is given as address 0.
Result<void> KernelMap::map_level(PhysAddr table, unsigned level, Target target, Permissions permissions,
                                  Tables& tables) {
    for (;;) {
        if (target.frames == nullptr) {
            target.advance(map_leaves(table, level, target, permissions, tables));
        } else if (level == 0) {
            target.advance(map_listed(table, target, permissions, tables));
        }
        if (target.size == 0) {
            return {};
        }
        const std::uint64_t piece = piece_of(target.begin, target.size, level);
        const Entry entry = table == PhysAddr{} ? 0 : Slot{table, level, target.begin}.load();
        if (PageTable::present(entry) && PageTable::leaf(entry, level)) {
            return fail(Error::already_exists);
        }
        PhysAddr child = PageTable::address(entry);
        if (!PageTable::present(entry)) {
            child = tables.take();
            if (!tables.planning()) {
                Slot{table, level, target.begin}.store(PageTable::table_entry(child));
            }
        }
        TRY(map_level(child, level - 1, {target.begin, target.address, piece, target.frames}, permissions,
                      tables));
        target.advance(piece);
    }
}

Result<void> KernelMap::map(const Target& target, Permissions permissions) {
    const sync::SpinlockGuard guard{lock_};
    Tables tables{*this};
    TRY(map_level(root_, root_level, target, permissions, tables));
    TRY(tables.reserve());
    const auto committed = map_level(root_, root_level, target, permissions, tables);
    HEDDLE_ASSERT(committed.has_value());
    PageTable::publish();
    return {};
}

Result<void> KernelMap::map(VirtAddr begin, PhysAddr target, std::uint64_t size, Permissions permissions) {
    if (!is_page_range(begin.value, size) || !is_page_range(target.value, size)) {
        return fail(Error::invalid_argument);
    }
    return map(Target{begin.value, target.value, size}, permissions);
}

Result<void> KernelMap::map_frames(VirtAddr begin, FrameList& list, Permissions permissions) {
    const std::uint64_t size = list.size() * page_size;
    if (!is_page_range(begin.value, size)) {
        return fail(Error::invalid_argument);
    }
    return map(Target{begin.value, 0, size, &list}, permissions);
}

/// Puts a table of smaller leaves in a leaf's place. A machine with broadcasts (Arm ARM D8.16.1) must not see
/// both sizes at once: break before make, and in between nothing under the leaf may be touched; edit_level()
/// has seen to that. The other (SDM vol. 3A, 4.10.2.3) may see both as long as they say the same, and they do
/// until the shootdown at the end.
PhysAddr KernelMap::split(PhysAddr table, unsigned level, std::uint64_t address, Tables& tables) {
    const Slot slot{table, level, address};
    const Entry leaf = slot.load();
    const PhysAddr child = tables.take();
    Entry* const entries = to_virtual(child).as<Entry>();
    for (unsigned i = 0; i < entries_per_table; ++i) {
        entries[i] = PageTable::leaf_entry(PageTable::address(leaf) + i * entry_size(level - 1),
                                           PageTable::permissions(leaf), level - 1);
    }
    break_leaf<PageTable>(slot, address);
    slot.store(PageTable::table_entry(child));
    PageTable::publish();
    return child;
}

/// Whether somebody may touch what the leaf of `level` around `address` maps while split() has it broken:
/// split() itself, its stack and the table, or another CPU, whatever these tables, if they are the CPUs', map
/// outside of the arena. In the arena a leaf maps one mapping, and its owner asks for the split.
bool KernelMap::in_use(PhysAddr table, unsigned level, std::uint64_t address) const {
    const std::uint64_t begin = align_down(address, entry_size(level));
    const auto inside = [&](VirtAddr what) { return what.value - begin < entry_size(level); };
    const bool in_arena = begin - arena_base.value < arena_size;
    return inside(VirtAddr::of(__builtin_frame_address(0))) || inside(to_virtual(table)) ||
           (breaks_before_make && !in_arena && cpu::online_count() > 1 && PageTable::active_root() == root_);
}

/// While planning, a table that a split will make is given as address 0: full of leaves. Returns whether
/// `table` lost entries.
Result<bool> KernelMap::edit_level(PhysAddr table, unsigned level, std::uint64_t begin, std::uint64_t size,
                                   const Edit& edit, Tables& tables) {
    bool removed = false;
    for (std::uint64_t piece = 0; size != 0; begin += piece, size -= piece) {
        piece = piece_of(begin, size, level);
        const bool split_before = table == PhysAddr{};
        const Entry entry = split_before ? 0 : Slot{table, level, begin}.load();
        if (!split_before && !PageTable::present(entry)) {
            return fail(Error::not_found);
        }
        if (split_before || PageTable::leaf(entry, level)) {
            if (tables.planning() && !split_before &&
                PageTable::permissions(entry).caching !=
                    edit.permissions.value_or(PageTable::permissions(entry)).caching) {
                return fail(Error::invalid_argument);
            }
            if (piece == entry_size(level)) {
                if (!tables.planning()) {
                    change_leaf(table, level, begin, edit);
                    removed = !edit.permissions;
                }
                continue;
            }
            if (!split_before && in_use(table, level, begin)) {
                return fail(Error::busy);
            }
            const PhysAddr child = tables.planning() ? tables.take() : split(table, level, begin, tables);
            TRY(edit_level(child, level - 1, begin, piece, edit, tables));
            continue;
        }
        const PhysAddr child = PageTable::address(entry);
        if (TRY(edit_level(child, level - 1, begin, piece, edit, tables)) && is_empty(child)) {
            Slot{table, level, begin}.store(0);
            tables.retire(child);
            removed = true;
        }
    }
    return removed;
}

void KernelMap::change_leaf(PhysAddr table, unsigned level, std::uint64_t address, const Edit& edit) {
    const Slot slot{table, level, address};
    const PhysAddr target = PageTable::address(slot.load());
    slot.store(edit.permissions ? PageTable::leaf_entry(target, *edit.permissions, level) : 0);
    if (edit.removed != nullptr) {
        HEDDLE_ASSERT(level == 0);
        edit.removed->push(Frame::containing(target));
    }
}

/// Plans and commits, but leaves it to the caller to tell the CPUs.
Result<void> KernelMap::edit_tables(VirtAddr begin, std::uint64_t size, const Edit& edit, Tables& tables) {
    const sync::SpinlockGuard guard{lock_};
    TRY(edit_level(root_, root_level, begin.value, size, edit, tables));
    TRY(tables.reserve());
    const auto committed = edit_level(root_, root_level, begin.value, size, edit, tables);
    HEDDLE_ASSERT(committed.has_value());
    return {};
}

/// The shootdown comes after the lock is released, because a CPU that waits for the lock cannot answer, and
/// before the tables that were emptied are freed, because until then a CPU may still walk them.
Result<void> KernelMap::edit(VirtAddr begin, std::uint64_t size, const Edit& edit) {
    if (!is_page_range(begin.value, size)) {
        return fail(Error::invalid_argument);
    }
    Tables tables{*this};
    TRY(edit_tables(begin, size, edit, tables));
    shoot_down(begin, size);
    return {};
}

Result<void> KernelMap::unmap(VirtAddr begin, std::uint64_t size) {
    return edit(begin, size, {});
}

Result<FrameList> KernelMap::unmap_frames(VirtAddr begin, std::uint64_t size) {
    FrameList removed;
    TRY(edit(begin, size, {.permissions = {}, .removed = &removed}));
    return removed;
}

Result<void> KernelMap::protect(VirtAddr begin, std::uint64_t size, Permissions permissions) {
    return edit(begin, size, {permissions});
}

Result<Translation> KernelMap::translate(VirtAddr address) const {
    PhysAddr table = root_;
    for (unsigned level = root_level;; --level) {
        const Entry entry = Slot{table, level, address.value}.load();
        if (!PageTable::present(entry)) {
            return fail(Error::not_found);
        }
        if (PageTable::leaf(entry, level)) {
            return Translation{PageTable::address(entry) + address.value % entry_size(level),
                               PageTable::permissions(entry), level};
        }
        table = PageTable::address(entry);
    }
}

void KernelMap::visit_leaves(PhysAddr table, unsigned level, std::uint64_t begin,
                             void (*visit)(void*, const Leaf&), void* context) const {
    for (unsigned i = 0; i < entries_per_table; ++i) {
        std::uint64_t address = begin + i * entry_size(level);
        if (level == root_level && i >= entries_per_table / 2) {
            address |= ~std::uint64_t{0} << 48; // the upper half: addresses are sign-extended
        }
        const Entry entry = Slot{table, level, address}.load();
        if (!PageTable::present(entry)) {
            continue;
        }
        if (PageTable::leaf(entry, level)) {
            visit(context, {.begin = VirtAddr{address},
                            .size = entry_size(level),
                            .translation = {PageTable::address(entry), PageTable::permissions(entry), level},
                            .writable_and_executable = PageTable::writable_and_executable(entry)});
        } else {
            visit_leaves(PageTable::address(entry), level - 1, address, visit, context);
        }
    }
}

} // namespace heddle::core::memory
