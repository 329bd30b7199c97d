// SPDX-License-Identifier: BSD-2-Clause
// Shootdown by broadcast where the machine has it, else by a cross call to every CPU.
#include "core/memory/shootdown.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/sync/lock_order.hpp"
#include "machine/page_table.hpp"

#include <atomic>

namespace heddle::core::memory {
namespace {

using machine::PageTable;

/// More pages than these are dropped with everything else.
constexpr std::uint64_t single_pages = 32;

struct Range {
    VirtAddr begin;
    std::uint64_t size;
};

constinit std::atomic<std::uint64_t> shootdowns{0};

template <class Table>
void invalidate_here(const Range& range) {
    if (range.size > single_pages * page_size) {
        Table::invalidate_all();
        return;
    }
    for (std::uint64_t offset = 0; offset < range.size; offset += page_size) {
        Table::invalidate(range.begin + offset);
    }
}

/// Templates, so that a machine without the one way need not have its functions.
template <class Table>
void invalidate_everywhere(Range range) {
    if constexpr (Table::broadcasts) {
        Table::broadcast_invalidate(range.begin, range.size);
    } else {
        // Full: with the one that a CPU executes between coming online and dropping all translations
        // (secondary_main()).
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const CpuSet cpus = cpu::online();
        if (cpus == CpuSet::of(cpu::current().id)) {
            invalidate_here<Table>(range);
        } else {
            cpu::call(
                cpus.with(cpu::current().id),
                [](void* argument) { invalidate_here<Table>(*static_cast<const Range*>(argument)); }, &range);
        }
    }
}

} // namespace

void shoot_down(VirtAddr begin, std::uint64_t size) {
    sync::assert_no_spinlock_held();
    // Relaxed: a figure.
    shootdowns.fetch_add(1, std::memory_order_relaxed);
    PageTable::publish();
    invalidate_everywhere<PageTable>({begin, size});
}

std::uint64_t shootdown_count() {
    return shootdowns.load(std::memory_order_relaxed);
}

} // namespace heddle::core::memory
