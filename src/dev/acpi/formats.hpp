// SPDX-License-Identifier: BSD-2-Clause
// ACPI tables as they lie in memory (ACPI 6.5, chapter 5; SPCR: Microsoft's specification of that name; MCFG:
// PCI Firmware Specification 3.3, 4.1.2). Little-endian, unaligned: read with ByteReader, never through a
// pointer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::dev::acpi {

/// Root System Description Pointer, 5.2.5.3. The fields from `length` on exist from revision 2.
struct [[gnu::packed]] RootPointer {
    char signature[8]; ///< "RSD PTR "
    std::uint8_t checksum;
    char oem_id[6];
    std::uint8_t revision;
    std::uint32_t rsdt;
    std::uint32_t length;
    std::uint64_t xsdt;
    std::uint8_t extended_checksum;
    std::uint8_t reserved[3];
};

inline constexpr std::size_t root_pointer_1_size = 20;
static_assert(sizeof(RootPointer) == 36 && offsetof(RootPointer, length) == root_pointer_1_size);

/// What every table begins with, 5.2.6.
struct [[gnu::packed]] Header {
    char signature[4];
    std::uint32_t length; ///< of the whole table
    std::uint8_t revision;
    std::uint8_t checksum;
    char oem_id[6];
    char oem_table_id[8];
    std::uint32_t oem_revision;
    std::uint32_t creator_id;
    std::uint32_t creator_revision;
};

static_assert(sizeof(Header) == 36);

/// Generic Address Structure, 5.2.3.2.
struct [[gnu::packed]] GenericAddress {
    static constexpr std::uint8_t memory = 0;
    static constexpr std::uint8_t ports = 1;

    std::uint8_t space;
    std::uint8_t bit_width;
    std::uint8_t bit_offset;
    std::uint8_t access_size;
    std::uint64_t address;
};

static_assert(sizeof(GenericAddress) == 12);

/// FADT, 5.2.9, from the header's end to ARM_BOOT_ARCH. Older revisions end earlier.
struct [[gnu::packed]] Fadt {
    std::uint32_t firmware_control;
    std::uint32_t dsdt;
    std::uint8_t reserved;
    std::uint8_t preferred_profile;
    std::uint16_t sci_interrupt;
    std::uint32_t smi_command;
    std::uint8_t acpi_enable;
    std::uint8_t acpi_disable;
    std::uint16_t other_smi_values;
    std::uint32_t pm1a_event;
    std::uint32_t pm1b_event;
    std::uint32_t pm1a_control;
    std::uint32_t pm1b_control;
    std::uint32_t pm2_control;
    std::uint32_t pm_timer;
    std::uint32_t gpe0;
    std::uint32_t gpe1;
    std::uint8_t pm1_event_length;
    std::uint8_t pm1_control_length;
    std::uint8_t pm2_control_length;
    std::uint8_t pm_timer_length;
    std::uint8_t not_read[17];
    std::uint16_t pc_boot_flags;
    std::uint8_t reserved_2;
    std::uint32_t flags;
    GenericAddress reset_register;
    std::uint8_t reset_value;
    std::uint16_t arm_boot_flags;
    std::uint8_t minor_revision;
    std::uint64_t extended_firmware_control;
    std::uint64_t extended_dsdt;
    GenericAddress extended_pm1a_event;
    GenericAddress extended_pm1b_event;
    GenericAddress extended_pm1a_control;
    GenericAddress extended_pm1b_control;
    GenericAddress extended_pm2_control;
    GenericAddress extended_pm_timer;

    static constexpr std::uint32_t button_is_method = 1U << 4;
    static constexpr std::uint32_t hardware_reduced = 1U << 20;
    static constexpr std::uint16_t psci_compliant = 1U << 0;
    static constexpr std::uint16_t psci_uses_hvc = 1U << 1;
};

inline constexpr std::size_t fadt_1_size = 116 - sizeof(Header); // up to the flags, as ACPI 1.0 has it
static_assert(offsetof(Fadt, pm_timer) == 76 - sizeof(Header));
static_assert(offsetof(Fadt, reset_register) == fadt_1_size);
static_assert(offsetof(Fadt, arm_boot_flags) == 129 - sizeof(Header));
static_assert(offsetof(Fadt, extended_pm_timer) == 208 - sizeof(Header));

/// MADT, 5.2.12, after the header; entries follow.
struct [[gnu::packed]] Madt {
    std::uint32_t local_apic;
    std::uint32_t flags;

    static constexpr std::uint32_t has_legacy_pics = 1;
};

struct [[gnu::packed]] MadtEntry {
    std::uint8_t type;
    std::uint8_t length; ///< with this header
};

/// The bodies of MADT entries, after MadtEntry; `type` is theirs.
struct [[gnu::packed]] LocalApicEntry {
    static constexpr std::uint8_t type = 0;
    std::uint8_t processor;
    std::uint8_t apic_id;
    std::uint32_t flags; ///< bit 0: enabled
};

struct [[gnu::packed]] IoApicEntry {
    static constexpr std::uint8_t type = 1;
    std::uint8_t id;
    std::uint8_t reserved;
    std::uint32_t address;
    std::uint32_t first_interrupt;
};

struct [[gnu::packed]] OverrideEntry {
    static constexpr std::uint8_t type = 2;
    std::uint8_t bus;
    std::uint8_t source;
    std::uint32_t global_interrupt;
    std::uint16_t flags; ///< bits 1…0 polarity, 3…2 trigger: 3 is low, level
};

struct [[gnu::packed]] LocalApicAddressEntry {
    static constexpr std::uint8_t type = 5;
    std::uint16_t reserved;
    std::uint64_t address;
};

struct [[gnu::packed]] LocalX2ApicEntry {
    static constexpr std::uint8_t type = 9;
    std::uint16_t reserved;
    std::uint32_t apic_id;
    std::uint32_t flags;
    std::uint32_t processor;
};

struct [[gnu::packed]] GicCpuEntry {
    static constexpr std::uint8_t type = 11;
    std::uint16_t reserved;
    std::uint32_t interface_number;
    std::uint32_t processor;
    std::uint32_t flags; ///< bit 0: enabled
    std::uint32_t parking_version;
    std::uint32_t performance_interrupt;
    std::uint64_t parked_address;
    std::uint64_t cpu_interface;
    std::uint64_t virtual_interface;
    std::uint64_t virtual_control;
    std::uint32_t maintenance_interrupt;
    std::uint64_t redistributor;
    std::uint64_t mpidr;
};

struct [[gnu::packed]] GicDistributorEntry {
    static constexpr std::uint8_t type = 12;
    std::uint16_t reserved;
    std::uint32_t id;
    std::uint64_t address;
    std::uint32_t vector_base;
    std::uint8_t version; ///< 0: not said
    std::uint8_t reserved_2[3];
};

struct [[gnu::packed]] GicRedistributorEntry {
    static constexpr std::uint8_t type = 14;
    std::uint16_t reserved;
    std::uint64_t address;
    std::uint32_t length;
};

static_assert(sizeof(LocalApicEntry) == 6 && sizeof(IoApicEntry) == 10 && sizeof(OverrideEntry) == 8);
static_assert(sizeof(LocalApicAddressEntry) == 10 && sizeof(LocalX2ApicEntry) == 14 &&
              sizeof(GicCpuEntry) == 74);
static_assert(sizeof(GicDistributorEntry) == 22 && sizeof(GicRedistributorEntry) == 14);

/// GTDT, 5.2.25, after the header, as far as it is read.
struct [[gnu::packed]] Gtdt {
    std::uint64_t counter_control;
    std::uint32_t reserved;
    std::uint32_t secure_interrupt;
    std::uint32_t secure_flags;
    std::uint32_t physical_interrupt;
    std::uint32_t physical_flags;
    std::uint32_t virtual_interrupt;
    std::uint32_t virtual_flags;
};

/// SPCR, after the header, as far as it is read.
struct [[gnu::packed]] Spcr {
    std::uint8_t interface;
    std::uint8_t reserved[3];
    GenericAddress base;
    std::uint8_t interrupt_type; ///< bit 0: PC-AT, 1: I/O APIC, 3: GIC
    std::uint8_t pc_interrupt;
    std::uint32_t global_interrupt;

    static constexpr std::uint8_t ns16550 = 0;
    static constexpr std::uint8_t ns16550_subset = 1;
    static constexpr std::uint8_t pl011 = 3;
    static constexpr std::uint8_t ns16550_by_address = 0x12;
};

/// One entry of MCFG; eight reserved bytes come before the first.
struct [[gnu::packed]] McfgEntry {
    std::uint64_t base; ///< of bus 0's registers, whatever the first bus is
    std::uint16_t segment;
    std::uint8_t first_bus;
    std::uint8_t last_bus;
    std::uint32_t reserved;
};

static_assert(sizeof(Gtdt) == 72 - sizeof(Header) && sizeof(Spcr) == 58 - sizeof(Header) &&
              sizeof(McfgEntry) == 16);

} // namespace heddle::dev::acpi
