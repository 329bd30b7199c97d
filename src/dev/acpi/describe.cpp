// SPDX-License-Identifier: BSD-2-Clause
// From the root pointer to each table that the kernel reads.
#include "dev/acpi/describe.hpp"

#include "core/log/log.hpp"

namespace heddle::dev::acpi {
namespace {

using core::boot::BootInfo;
using core::boot::MemoryKind;
using core::boot::MemoryRegion;
using core::boot::PhysicalReader;

namespace log = core::log;

/// BIOS areas are small; a reserved range that is larger is a hole for devices, whatever a wild pointer says.
constexpr std::uint64_t largest_bios_region = 16_MiB;

/// Reserved regions around `address` are RAM after all: a checked table lies there.
void make_readable(BootInfo& boot_info, PhysAddr address) {
    for (MemoryRegion& region : boot_info.memory) {
        if (region.kind == MemoryKind::reserved && region.size <= largest_bios_region &&
            address >= region.base && address - region.base < region.size) {
            region.kind = MemoryKind::reclaimable;
        }
    }
}

template <class Reader>
void read_optional(const TableList& tables, std::string_view signature, Reader read) {
    if (const auto table = tables.find(signature)) {
        read(*table);
    }
}

} // namespace

void describe_memory(const PhysicalReader& early_memory, BootInfo& boot_info) {
    if (boot_info.rsdp.value == 0) {
        boot_info.rsdp = find_root_pointer(early_memory).value_or(PhysAddr{});
    }
    if (boot_info.rsdp.value == 0 || !early_memory.read(boot_info.rsdp, sizeof(RootPointer))) {
        return; // nothing there, or memory that firmware listed as ACPI's
    }
    const auto roots = read_root_pointer(early_memory, boot_info.rsdp);
    if (!roots) {
        return; // named; describe_devices ends the boot
    }
    make_readable(boot_info, boot_info.rsdp);
    for (const PhysAddr root : {roots->xsdt, roots->rsdt}) {
        if (root.value != 0 && read_table(early_memory, root, root == roots->xsdt ? "XSDT" : "RSDT")) {
            make_readable(boot_info, root);
        }
    }
}

Result<void> describe_devices(const PhysicalReader& memory, BootInfo& boot_info) {
    const auto roots = read_root_pointer(memory, boot_info.rsdp);
    if (!roots) {
        log::error("ACPI: no usable root pointer");
        return fail(roots.error());
    }
    const auto tables = TableList::open(memory, *roots);
    if (!tables) {
        log::error("ACPI: no usable root table (XSDT or RSDT)");
        return fail(tables.error());
    }
    const auto madt = tables->find("APIC");
    if (!madt) {
        log::error("ACPI: no usable MADT: CPUs and interrupt controller are unknown");
        return fail(Error::malformed);
    }
    read_madt(*madt, boot_info);
    if (boot_info.cpus.empty()) {
        log::error("ACPI: the MADT lists no usable CPU");
        return fail(Error::malformed);
    }
    read_optional(*tables, "FACP", [&](const Table& table) { read_fadt(table, memory, boot_info); });
    read_optional(*tables, "GTDT", [&](const Table& table) { read_gtdt(table, boot_info); });
    read_optional(*tables, "SPCR", [&](const Table& table) { read_spcr(table, boot_info); });
    read_optional(*tables, "MCFG", [&](const Table& table) { read_mcfg(table, boot_info); });
    return {};
}

} // namespace heddle::dev::acpi
