// SPDX-License-Identifier: BSD-2-Clause
// The FADT: how the machine is switched off, its power button and its timer (ACPI 6.5, 5.2.9 and 4.8.3).
#include "core/log/log.hpp"
#include "dev/acpi/describe.hpp"
#include "dev/acpi/sleep_package.hpp"
#include "lib/bytes.hpp"

#include <algorithm>
#include <array>

namespace heddle::dev::acpi {
namespace {

using core::boot::BootInfo;
using core::boot::PhysicalReader;
using core::boot::PowerKind;

namespace log = core::log;

/// A register block's port: the extended address where there is one, else the 32-bit one. 0: none, or not a
/// port.
std::uint16_t port(const GenericAddress& extended, std::uint32_t address) {
    const bool is_extended = extended.address != 0 && extended.space == GenericAddress::ports;
    const std::uint64_t chosen = is_extended ? std::uint64_t{extended.address} : address;
    return chosen <= UINT16_MAX ? static_cast<std::uint16_t>(chosen) : std::uint16_t{0};
}

void read_fixed_hardware(const Fadt& fadt, BootInfo& boot_info) {
    auto& power = boot_info.power;
    power.pm1a_event = port(fadt.extended_pm1a_event, fadt.pm1a_event);
    power.pm1a_control = port(fadt.extended_pm1a_control, fadt.pm1a_control);
    power.pm1b_control = port(fadt.extended_pm1b_control, fadt.pm1b_control);
    power.sci_interrupt = fadt.sci_interrupt;
    power.smi_command = port({}, fadt.smi_command);
    power.acpi_enable = fadt.acpi_enable;
    power.has_fixed_button = power.pm1a_event != 0 && (fadt.flags & Fadt::button_is_method) == 0;
    boot_info.timer.power_management_timer = port(fadt.extended_pm_timer, fadt.pm_timer);
}

void read_soft_off(const Fadt& fadt, const PhysicalReader& memory, BootInfo& boot_info) {
    const PhysAddr address{fadt.extended_dsdt != 0 ? std::uint64_t{fadt.extended_dsdt} : fadt.dsdt};
    const auto dsdt = read_table(memory, address, "DSDT");
    if (!dsdt) {
        return;
    }
    const auto types = find_soft_off(dsdt->body);
    if (!types || boot_info.power.pm1a_control == 0) {
        return log::warning("ACPI: no way to power off: {}",
                            types ? "no PM1a control port" : "no constant \\_S5_ package");
    }
    boot_info.power.kind = PowerKind::acpi;
    boot_info.power.sleep_type_a = types->a;
    boot_info.power.sleep_type_b = types->b;
}

} // namespace

void read_fadt(const Table& table, const PhysicalReader& memory, BootInfo& boot_info) {
    if (table.body.size() < fadt_1_size) {
        return log::warning("ACPI: FADT is too short");
    }
    // What an older revision does not have reads as zero, which means the same as not being there.
    std::array<std::byte, sizeof(Fadt)> copy{};
    std::ranges::copy(table.body.first(std::min(table.body.size(), copy.size())), copy.begin());
    const auto fadt = ByteReader{copy}.read<Fadt>();
    if (!fadt) {
        return;
    }
    if ((fadt->arm_boot_flags & Fadt::psci_compliant) != 0) {
        const bool hvc = (fadt->arm_boot_flags & Fadt::psci_uses_hvc) != 0;
        boot_info.power.kind = hvc ? PowerKind::psci_hvc : PowerKind::psci_smc;
    }
    if ((fadt->flags & Fadt::hardware_reduced) == 0) {
        read_fixed_hardware(*fadt, boot_info);
        read_soft_off(*fadt, memory, boot_info);
    }
}

} // namespace heddle::dev::acpi
