// SPDX-License-Identifier: BSD-2-Clause
// Switching a local APIC on, its two own interrupts (error, spurious), and interrupts between processors.
#include "interrupt/local_apic.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/log/log.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/image.hpp"
#include "core/panic.hpp"
#include "cpu/registers.hpp"
#include "interrupt/vectors.hpp"
#include "machine/cpu.hpp"
#include "trap/trap.hpp"

namespace heddle::amd64 {
namespace {

using enum LocalApicRegister;

/// IA32_APIC_BASE, SDM vol. 3A, figure 11-5.
constexpr std::uint64_t apic_base_x2apic = 1U << 10;
constexpr std::uint64_t apic_base_enable = 1U << 11;

constexpr std::uint32_t software_enable = 1U << 8; // spurious-interrupt register, figure 11-23
constexpr std::uint32_t lvt_masked = 1U << 16;     // local vector table, figure 11-8
constexpr std::uint32_t delivery_nmi = 4U << 8;
constexpr std::uint32_t delivery_init = 5U << 8;
constexpr std::uint32_t delivery_start_up = 6U << 8;

/// Interrupt command register, figure 11-12.
constexpr std::uint32_t command_pending = 1U << 12;
constexpr std::uint32_t command_assert = 1U << 14;
constexpr std::uint32_t command_to_self = 1U << 18;

/// How often to look whether a command has left; some microseconds is what it takes.
constexpr unsigned delivery_polls = 1'000'000;

READ_ONLY_AFTER_INIT constinit LocalApic the_local_apic;

void report_error(std::uint8_t vector) {
    static_cast<void>(vector);
    LocalApic& apic = local_apic();
    apic.write(error_status, 0); // latches what came since the last time
    core::log::error("local APIC {}: error status {:#x}", apic.id(), apic.read(error_status));
    apic.end_of_interrupt();
}

/// An interrupt that went away before it was taken; has no end of interrupt (11.9).
void ignore_spurious(std::uint8_t vector) {
    static_cast<void>(vector);
}

} // namespace

Result<void> LocalApic::map(PhysAddr base) {
    if ((read_msr(Msr::apic_base) & apic_base_x2apic) != 0) {
        return fail(Error::not_supported);
    }
    auto mapping = TRY(core::memory::map_device(base, page_size));
    registers_ = std::move(mapping).leak().as<volatile std::uint32_t>();
    set_vector_handler(apic_error_vector, report_error);
    set_vector_handler(spurious_vector, ignore_spurious);
    return {};
}

void LocalApic::enable() {
    write_msr(Msr::apic_base, read_msr(Msr::apic_base) | apic_base_enable);
    write(spurious_interrupt, software_enable | spurious_vector);
    write(task_priority, 0);
    const std::uint32_t entries = (read(version) >> 16 & 0xff) + 1;
    write(timer, lvt_masked);
    if (entries > 4) {
        write(performance, lvt_masked);
    }
    if (entries > 5) {
        write(thermal, lvt_masked);
    }
    write(lint0, lvt_masked);
    write(lint1, delivery_nmi); // where a PC's NMI line ends
    write(error_status, 0);
    write(error, apic_error_vector);
    core::cpu::current().machine.apic_id = id();
}

Result<void> LocalApic::command(std::uint32_t target, std::uint32_t command) {
    const auto state = machine::save_and_disable_interrupts(); // the two halves belong together
    write(interrupt_command_high, target << 24);
    write(interrupt_command_low, command);
    unsigned left = delivery_polls;
    while ((read(interrupt_command_low) & command_pending) != 0 && --left != 0) {
        machine::pause();
    }
    machine::restore_interrupts(state);
    return left != 0 ? Result<void>{} : fail(Error::timed_out);
}

void LocalApic::interrupt_self(std::uint8_t vector) {
    if (!command(0, command_to_self | command_assert | vector)) {
        core::panic("the local APIC does not deliver an interrupt to its own CPU");
    }
}

Result<void> LocalApic::send(std::uint32_t target, std::uint8_t vector) {
    return command(target, command_assert | vector);
}

Result<void> LocalApic::send_non_maskable(std::uint32_t target) {
    return command(target, command_assert | delivery_nmi);
}

Result<void> LocalApic::send_init(std::uint32_t target) {
    return command(target, command_assert | delivery_init);
}

Result<void> LocalApic::send_start_up(std::uint32_t target, PhysAddr page) {
    return command(target,
                   command_assert | delivery_start_up | static_cast<std::uint32_t>(page.value >> page_shift));
}

LocalApic& local_apic() {
    return the_local_apic;
}

} // namespace heddle::amd64
