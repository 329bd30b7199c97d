// SPDX-License-Identifier: BSD-2-Clause
// What the kernel knows of its machine, however it was booted: one structure that every boot path fills.
#pragma once

#include "lib/fixed_vector.hpp"
#include "lib/units.hpp"

#include <cstdint>
#include <string_view>

namespace heddle::core::boot {

/// What a range of physical memory holds. Where regions overlap, the kind that comes later here wins.
enum class MemoryKind : std::uint8_t {
    usable,      ///< free RAM
    reclaimable, ///< RAM that holds firmware tables or boot data, free after boot (kept by us; counted)
    kernel,      ///< the image, its early page tables and stacks
    module,      ///< the boot archive
    reserved,    ///< not RAM, or not ours
};

struct MemoryRegion {
    PhysAddr base;
    std::uint64_t size = 0; ///< bytes; boundaries need not be page-aligned
    MemoryKind kind = MemoryKind::reserved;
};

/// A file that the boot loader brought: the boot archive.
struct Module {
    PhysAddr base;
    std::uint64_t size = 0;
};

enum class ConsoleKind : std::uint8_t { none, ns16550_port, ns16550_mmio, pl011 };

struct ConsoleDescription {
    ConsoleKind kind = ConsoleKind::none;
    std::uint64_t base = 0;      ///< port number or physical address
    std::uint32_t interrupt = 0; ///< global interrupt (GSI on amd64, INTID on aarch64); 0: none known
};

struct CpuDescription {
    std::uint64_t hardware_id = 0; ///< APIC id, or MPIDR affinity fields
    PhysAddr redistributor;        ///< GICv3: this CPU's redistributor when described one by one, else 0
};

struct IoApicDescription {
    PhysAddr base;
    std::uint32_t id = 0;
    std::uint32_t first_interrupt = 0; ///< first global interrupt it serves
};

/// An ISA interrupt that is wired to another global interrupt, or with another polarity (MADT type 2).
struct InterruptOverride {
    std::uint8_t isa_interrupt = 0;
    std::uint32_t global_interrupt = 0;
    bool active_low = false;
    bool level_triggered = false;
};

enum class InterruptControllerKind : std::uint8_t { none, apic, gic_v2, gic_v3 };

struct InterruptControllerDescription {
    InterruptControllerKind kind = InterruptControllerKind::none;
    PhysAddr local_apic;                          ///< amd64
    bool has_legacy_pics = false;                 ///< amd64: two 8259s that must be masked
    FixedVector<IoApicDescription, 8> io_apics;   ///< amd64
    FixedVector<InterruptOverride, 16> overrides; ///< amd64
    PhysAddr distributor;                         ///< GIC
    PhysAddr cpu_interface;                       ///< GICv2
    PhysAddr redistributors;                      ///< GICv3: first region, frames in a row
    std::uint64_t redistributors_size = 0;        ///< bytes
};

struct TimerDescription {
    std::uint32_t virtual_interrupt = 0;      ///< aarch64: INTID of the EL1 virtual timer
    std::uint32_t physical_interrupt = 0;     ///< aarch64: INTID of the EL1 physical timer
    std::uint16_t power_management_timer = 0; ///< amd64: ACPI PM timer port, 0 when there is none
};

enum class PowerKind : std::uint8_t { none, acpi, psci_hvc, psci_smc };

/// How the machine is switched off, and where its power button is.
struct PowerDescription {
    PowerKind kind = PowerKind::none;
    std::uint16_t pm1a_event = 0; ///< ACPI fixed hardware: ports
    std::uint16_t pm1a_control = 0;
    std::uint16_t pm1b_control = 0;
    std::uint16_t smi_command = 0; ///< port that takes `acpi_enable` to switch on ACPI mode; 0: on already
    std::uint8_t acpi_enable = 0;
    bool has_fixed_button = false; ///< the power button is in the PM1 event block
    std::uint8_t sleep_type_a = 0; ///< from the \_S5_ package
    std::uint8_t sleep_type_b = 0;
    std::uint16_t sci_interrupt = 0;
    PhysAddr button_gpio; ///< aarch64 device tree: PL061 of the power key, 0 when there is none
    std::uint32_t button_interrupt = 0;
    std::uint8_t button_pin = 0; ///< the key's line of the PL061, 0…7
};

/// Everything that boot knows. Filled before memory management exists, so nothing here is allocated; the
/// strings point into boot memory that is never given back.
struct BootInfo {
    std::string_view protocol = "none"; ///< "multiboot2", "PVH", "EFI", "arm64 Image"
    std::string_view loader;            ///< the boot loader's name, when it says
    std::string_view command_line;
    /// Bits that firmware drew for us (device tree `kaslr-seed`, EFI's generator); 0: none. Used once, then
    /// 0.
    std::uint64_t seed = 0;
    /// Whether addresses are drawn at each boot: not with `nokaslr`.
    bool random_layout = true;
    /// machine::cycle_count() at the kernel's first instruction, for the figure `boot_to_appliance`.
    std::uint64_t first_cycle = 0;
    FixedVector<MemoryRegion, 256> memory;
    Module archive;                     ///< size 0: none
    PhysAddr kernel_base;               ///< where the image was loaded
    std::uint64_t kernel_size = 0;      ///< bytes, with bss, early tables and stacks
    PhysAddr rsdp;                      ///< ACPI root pointer, 0: none
    PhysAddr device_tree;               ///< flattened device tree, 0: none
    std::uint64_t device_tree_size = 0; ///< bytes
    PhysAddr early_map_end; ///< all physical memory below it is in the direct map on the early tables; 0: no
                            ///< such promise

    // From here on filled by the description sources (ACPI, device tree).
    FixedVector<CpuDescription, CpuId::limit> cpus; ///< the boot CPU is not necessarily first
    std::uint32_t cpus_present = 0;                 ///< also those beyond CpuId::limit
    InterruptControllerDescription interrupts;
    TimerDescription timer;
    ConsoleDescription console;
    PowerDescription power;
    PhysAddr real_time_clock;   ///< PL031; 0: none (amd64 has its ports)
    PhysAddr pci_configuration; ///< ECAM base, 0: none
    std::uint8_t pci_first_bus = 0;
    std::uint8_t pci_last_bus = 0;

    /// The first byte of RAM above every usable one; 0 when there is none.
    PhysAddr end_of_memory() const;
    /// Bytes of usable RAM.
    std::uint64_t usable_bytes() const;
    /// Whether every byte of the range is RAM, of whatever kind, hence in the direct map once that is
    /// complete. False for a range that wraps; true for an empty one that does not.
    bool is_ram(PhysAddr base, std::uint64_t size) const;
};

} // namespace heddle::core::boot
