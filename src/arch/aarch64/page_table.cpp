// SPDX-License-Identifier: BSD-2-Clause
// Exchanging the kernel's page tables while running on them.
#include "machine/page_table.hpp"

#include "cpu/registers.hpp"
#include "image_address.hpp"
#include "machine/cpu.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_exchange_tables[]; // boot/start.S
[[gnu::visibility("hidden")]] extern const char heddle_identity_root[];   // boot/early_tables.cpp
}

namespace heddle::machine {

void PageTable::activate(PhysAddr root) {
    const InterruptState interrupts = save_and_disable_interrupts();
    constexpr std::uint64_t lower_half_closed = 1ULL << TCR_EPD0_SHIFT;
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
