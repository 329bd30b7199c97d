// SPDX-License-Identifier: BSD-2-Clause
// The tables of one device each: GTDT (timer), SPCR (console), MCFG (PCI).
#include "core/log/log.hpp"
#include "dev/acpi/describe.hpp"
#include "lib/bytes.hpp"

namespace heddle::dev::acpi {
namespace {

using core::boot::BootInfo;
using core::boot::ConsoleKind;

namespace log = core::log;

ConsoleKind console_kind(const Spcr& spcr) {
    const bool in_memory = spcr.base.space == GenericAddress::memory;
    switch (spcr.interface) {
    case Spcr::pl011: return in_memory ? ConsoleKind::pl011 : ConsoleKind::none;
    case Spcr::ns16550:
    case Spcr::ns16550_subset:
    case Spcr::ns16550_by_address: return in_memory ? ConsoleKind::ns16550_mmio : ConsoleKind::ns16550_port;
    default: return ConsoleKind::none;
    }
}

/// The console's global interrupt; 0 when it has none, or one that would have to be routed from the PICs'
/// numbering.
std::uint32_t console_interrupt(const Spcr& spcr) {
    constexpr std::uint8_t io_apic = 1U << 1;
    constexpr std::uint8_t gic = 1U << 3;
    return (spcr.interrupt_type & (io_apic | gic)) != 0 ? spcr.global_interrupt : 0;
}

} // namespace

void read_gtdt(const Table& table, BootInfo& boot_info) {
    const auto gtdt = ByteReader{table.body}.read<Gtdt>();
    if (!gtdt) {
        return log::warning("ACPI: GTDT is too short");
    }
    boot_info.timer.physical_interrupt = gtdt->physical_interrupt;
    boot_info.timer.virtual_interrupt = gtdt->virtual_interrupt;
}

void read_spcr(const Table& table, BootInfo& boot_info) {
    const auto spcr = ByteReader{table.body}.read<Spcr>();
    if (!spcr) {
        return log::warning("ACPI: SPCR is too short");
    }
    const ConsoleKind kind = console_kind(*spcr);
    const std::uint64_t base = spcr->base.address;
    if (base == 0) {
        return; // the firmware's way to say that console redirection is off
    }
    if (kind == ConsoleKind::none || (kind == ConsoleKind::ns16550_port && base > UINT16_MAX)) {
        return log::warning("ACPI: SPCR: a console of type {} at {:#x} is not supported", spcr->interface,
                            base);
    }
    boot_info.console = {kind, base, console_interrupt(*spcr)};
}

void read_mcfg(const Table& table, BootInfo& boot_info) {
    ByteReader reader{table.body};
    if (!reader.read<std::uint64_t>()) {
        return log::warning("ACPI: MCFG is too short");
    }
    while (const auto entry = reader.read<McfgEntry>()) {
        if (entry->segment != 0 || boot_info.pci_configuration.value != 0) {
            continue;
        }
        if (entry->first_bus > entry->last_bus) {
            log::warning("ACPI: MCFG: buses {} to {} ignored", entry->first_bus, entry->last_bus);
            continue;
        }
        boot_info.pci_configuration = PhysAddr{entry->base};
        boot_info.pci_first_bus = entry->first_bus;
        boot_info.pci_last_bus = entry->last_bus;
    }
    if (reader.remaining() != 0) {
        log::warning("ACPI: MCFG ends inside an entry");
    }
}

} // namespace heddle::dev::acpi
