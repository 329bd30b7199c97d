// SPDX-License-Identifier: BSD-2-Clause
// The page tables on which the kernel comes up: the image in the upper half, the memory around it and around
// the boot data in the direct map, one page of identity mapping. Core makes the final ones.
//
// Runs at physical addresses with the MMU off, where every access is to Device memory: no unaligned access,
// no atomics, no call into code that could make one.
#include "boot/early_console.hpp"
#include "boot/handoff.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "lib/bits.hpp"
#include "machine/page_table.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#define RUNS_WITH_MMU_OFF [[gnu::noinline, gnu::no_stack_protector, clang::no_builtin]]

namespace {

using heddle::PhysAddr;
using heddle::VirtAddr;
using heddle::operator""_GiB;
using heddle::operator""_KiB;
using heddle::operator""_MiB;
using heddle::core::memory::Access;
using heddle::core::memory::Caching;
using heddle::core::memory::Permissions;
using heddle::machine::PageTable;

struct alignas(4096) Table {
    std::uint64_t entries[512];
};

/// Identity mapping 4, root 1, direct map of two places and the console 6, image 2 and one for each 2 MiB
/// begun.
constexpr std::size_t table_count = 20;

extern "C" {
// The first table is the identity mapping's root: turn_mmu_on knows it by name.
[[gnu::section(".early_tables")]] Table heddle_identity_root;
}

[[gnu::section(".early_tables")]] Table tables[table_count];

class Builder {
  public:
    /// Maps `size` bytes from `address` to `physical`, all multiples of 4 KiB, with the largest leaves that
    /// fit.
    RUNS_WITH_MMU_OFF void map(Table& root, VirtAddr address, PhysAddr physical, std::uint64_t size,
                               Permissions permissions) {
        while (size != 0) {
            const unsigned level = leaf_level(address.value | physical.value, size);
            std::uint64_t* entry = entry_for(root, address, level);
            if (entry == nullptr) {
                return;
            }
            *entry = PageTable::leaf_entry(physical, permissions, level);
            const std::uint64_t step = 4_KiB << (9 * level);
            address = address + step;
            physical = physical + step;
            size -= std::min(step, size);
        }
    }

    /// A zeroed table; null, and failed() from then on, when they have run out.
    RUNS_WITH_MMU_OFF Table* allocate() {
        if (used_ == table_count) {
            failed_ = true;
            return nullptr;
        }
        return clear(tables[used_++]);
    }

    RUNS_WITH_MMU_OFF static Table* clear(Table& table) {
        // In assembler, because the compiler would make it a call to memset(), which may do what the MMU does
        // not allow yet.
        for (std::uint64_t* entry = table.entries; entry != std::end(table.entries); entry += 8) {
            asm volatile("stp xzr, xzr, [%0]\n\tstp xzr, xzr, [%0, #16]\n\t"
                         "stp xzr, xzr, [%0, #32]\n\tstp xzr, xzr, [%0, #48]" ::"r"(entry)
                         : "memory");
        }
        return &table;
    }

    bool failed() const { return failed_; }

  private:
    RUNS_WITH_MMU_OFF static unsigned leaf_level(std::uint64_t alignment, std::uint64_t size) {
        if (heddle::is_aligned(alignment, std::uint64_t{1_GiB}) && size >= 1_GiB) {
            return 2;
        }
        return heddle::is_aligned(alignment, std::uint64_t{2_MiB}) && size >= 2_MiB ? 1 : 0;
    }

    /// The entry of `address` at `level`; null when it is covered by a larger leaf already, or tables have
    /// run out.
    RUNS_WITH_MMU_OFF std::uint64_t* entry_for(Table& root, VirtAddr address, unsigned level) {
        Table* table = &root;
        for (unsigned at = PageTable::levels - 1;; --at) {
            std::uint64_t* entry = &table->entries[(address.value >> (12 + 9 * at)) & 511];
            if (at == level) {
                return entry;
            }
            if (PageTable::present(*entry) && PageTable::leaf(*entry, at)) {
                return nullptr;
            }
            if (PageTable::present(*entry)) {
                table = reinterpret_cast<Table*>(PageTable::address(*entry).value);
                continue;
            }
            table = allocate();
            if (table == nullptr) {
                return nullptr;
            }
            *entry = PageTable::table_entry(PhysAddr{reinterpret_cast<std::uintptr_t>(table)});
        }
    }

    std::size_t used_ = 0;
    bool failed_ = false;
};

RUNS_WITH_MMU_OFF PhysAddr physical(const void* symbol) {
    return PhysAddr{reinterpret_cast<std::uintptr_t>(symbol)};
}

RUNS_WITH_MMU_OFF void map_image(Builder& builder, Table& root) {
    const PhysAddr start = physical(heddle_image_start);
    const PhysAddr text_end = physical(heddle_text_end);
    const std::uint64_t text_size = text_end - start;
    const VirtAddr base = heddle::core::memory::image_base;
    builder.map(root, base, start, text_size, {.access = Access::read_execute});
    builder.map(root, base + text_size, text_end, physical(heddle_image_end) - text_end,
                {.access = Access::read_write});
}

/// The GiB of memory around `address` and the one behind it, should what lies there cross over. Frames for
/// the final tables come from the image's.
RUNS_WITH_MMU_OFF void map_around(Builder& builder, Table& root, PhysAddr address, std::uint64_t size) {
    const std::uint64_t begin = heddle::align_down(address.value, std::uint64_t{1_GiB});
    const std::uint64_t end = heddle::align_up(address.value + size, std::uint64_t{1_GiB});
    builder.map(root, heddle::core::memory::to_virtual(PhysAddr{begin}), PhysAddr{begin}, end - begin,
                {.access = Access::read_write});
}

} // namespace

/// Returns the root of the upper half's tables. Ends the machine with a message when there are not enough
/// tables.
extern "C" Table* heddle_make_early_tables();

extern "C" RUNS_WITH_MMU_OFF Table* heddle_make_early_tables() {
    Builder builder;
    Table& identity = *Builder::clear(heddle_identity_root);
    const PhysAddr image = physical(heddle_image_start);
    builder.map(identity, VirtAddr{image.value}, image, heddle::page_size, {.access = Access::read_execute});

    Table* root = builder.allocate();
    map_image(builder, *root);
    map_around(builder, *root, image, heddle_image_end - heddle_image_start);
    const PhysAddr tree = heddle_handoff.device_tree;
    if (tree != PhysAddr{}) {
        map_around(builder, *root, tree, 2_MiB);
    }
    const PhysAddr console = heddle::aarch64::early_console_base;
    builder.map(*root, heddle::core::memory::to_virtual(console), console, heddle::page_size,
                {.access = Access::read_write, .caching = Caching::device});
    if (builder.failed()) {
        heddle::aarch64::early_halt("the image is too large for its early page tables");
    }
    return root;
}
