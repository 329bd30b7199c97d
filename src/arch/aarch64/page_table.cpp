// SPDX-License-Identifier: BSD-2-Clause
// Exchanging the kernel's page tables while running on them, and opening programs' half.
#include "machine/page_table.hpp"

#include "core/memory/image.hpp"
#include "cpu/registers.hpp"
#include "image_address.hpp"
#include "machine/cpu.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_exchange_tables[]; // boot/start.S
[[gnu::visibility("hidden")]] extern const char heddle_identity_root[];   // boot/early_tables.cpp
}

namespace heddle::machine {
namespace {

constexpr std::uint64_t lower_half_closed = 1ULL << TCR_EPD0_SHIFT;

/// Of programs' tables, the same on all CPUs; 0: there are none.
READ_ONLY_AFTER_INIT constinit PhysAddr lower_root;

} // namespace

void PageTable::set_lower_root(PhysAddr root) {
    lower_root = root;
    open_lower_half();
}

/// What walks cached of the tables before, boot's identity mapping, was dropped when the half was closed, and
/// nothing has been walked there since.
void PageTable::open_lower_half() {
    if (lower_root == PhysAddr{}) {
        return;
    }
    WRITE_SYSTEM_REGISTER(ttbr0_el1, lower_root.value);
    aarch64::instruction_barrier();
    WRITE_SYSTEM_REGISTER(tcr_el1, READ_SYSTEM_REGISTER(tcr_el1) & ~lower_half_closed);
    aarch64::instruction_barrier();
}

void PageTable::activate(PhysAddr root) {
    const InterruptState interrupts = save_and_disable_interrupts();
    const std::uint64_t control = READ_SYSTEM_REGISTER(tcr_el1);
    const PhysAddr exchange = aarch64::image_physical(heddle_exchange_tables);
    const std::uint64_t programs = READ_SYSTEM_REGISTER(ttbr0_el1);
    publish();

    WRITE_SYSTEM_REGISTER(ttbr0_el1, aarch64::image_physical(heddle_identity_root).value);
    WRITE_SYSTEM_REGISTER(tcr_el1, control & ~lower_half_closed);
    asm volatile("isb\n\ttlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
    // In the lower half for a moment: neither memory nor the stack is touched there.
    asm volatile("mov x0, %0\n\t"
                 "blr %1"
                 :
                 : "r"(root.value), "r"(exchange.value)
                 : "x0", "x1", "x2", "x30", "memory");
    WRITE_SYSTEM_REGISTER(tcr_el1, control);
    WRITE_SYSTEM_REGISTER(ttbr0_el1, programs);
    aarch64::instruction_barrier();
    asm volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
    restore_interrupts(interrupts);
}

} // namespace heddle::machine
