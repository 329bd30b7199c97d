// SPDX-License-Identifier: BSD-2-Clause
// From ACPI tables to BootInfo, for imagined machines of both kinds, and what is said of the malformed ones.
#include "dev/acpi/describe.hpp"
#include "test/core/boot/fresh_boot_info.hpp"
#include "test/core/boot/logged.hpp"
#include "test/dev/acpi/acpi_image.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace dev::acpi;
using core::boot::BootInfo;
using core::boot::ConsoleKind;
using core::boot::InterruptControllerKind;
using core::boot::MemoryKind;
using core::boot::PowerKind;

/// Appends a MADT entry: type, length, body.
template <class Entry>
void entry(ByteBuilder& bytes, const Entry& body) {
    bytes.put(Entry::type);
    bytes.put(static_cast<std::uint8_t>(sizeof(Entry) + 2));
    bytes.put(body);
}

std::size_t begin_pc_madt(AcpiImage& image) {
    const std::size_t table = image.begin("APIC");
    image.bytes().put(Madt{.local_apic = 0xfee00000, .flags = 1});
    entry(image.bytes(), LocalApicEntry{.processor = 0, .apic_id = 0, .flags = 1});
    return table;
}

void add_dsdt_and_fadt(AcpiImage& image, Fadt fadt) {
    const std::size_t dsdt = image.begin("DSDT");
    image.bytes().text({"\x08_S5_\x12\x06\x04\x0a\x05\x0a\x03\x00\x00", 14});
    image.end_unlisted();
    fadt.dsdt = static_cast<std::uint32_t>(AcpiImage::base.value + dsdt);
    image.begin("FACP");
    image.bytes().put(fadt);
    image.end();
}

Result<void> describe(AcpiImage& image, BootInfo& boot_info) {
    boot_info.rsdp = AcpiImage::base;
    return describe_devices(image.memory(), boot_info);
}

TEST_SUITE_BEGIN("dev/acpi/describe");

TEST_CASE("a PC's MADT gives CPUs, I/O APICs and overrides") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    ByteBuilder& bytes = image.bytes();
    entry(bytes, LocalApicEntry{.processor = 1, .apic_id = 4, .flags = 1});
    entry(bytes, LocalApicEntry{.processor = 2, .apic_id = 5, .flags = 0});
    entry(bytes, LocalX2ApicEntry{.reserved = 0, .apic_id = 300, .flags = 1, .processor = 3});
    entry(bytes, IoApicEntry{.id = 2, .reserved = 0, .address = 0xfec00000, .first_interrupt = 0});
    entry(bytes, OverrideEntry{.bus = 0, .source = 0, .global_interrupt = 2, .flags = 0});
    entry(bytes, OverrideEntry{.bus = 0, .source = 9, .global_interrupt = 9, .flags = 0xf});
    entry(bytes, OverrideEntry{.bus = 3, .source = 1, .global_interrupt = 9, .flags = 0xf});
    image.end();
    image.finish(false);
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.cpus_present == 3);
    REQUIRE(boot_info.cpus.size() == 2);
    CHECK(boot_info.cpus[1].hardware_id == 4);
    const auto& interrupts = boot_info.interrupts;
    CHECK(interrupts.kind == InterruptControllerKind::apic);
    CHECK(interrupts.local_apic == PhysAddr{0xfee00000});
    CHECK(interrupts.has_legacy_pics);
    REQUIRE(interrupts.io_apics.size() == 1);
    CHECK(interrupts.io_apics[0].base == PhysAddr{0xfec00000});
    CHECK(interrupts.io_apics[0].id == 2);
    REQUIRE(interrupts.overrides.size() == 2);
    CHECK(interrupts.overrides[0].global_interrupt == 2);
    CHECK_FALSE(interrupts.overrides[0].active_low);
    CHECK_FALSE(interrupts.overrides[0].level_triggered);
    CHECK(interrupts.overrides[1].active_low);
    CHECK(interrupts.overrides[1].level_triggered);
    CHECK(logged("an override on bus 3 ignored"));
}

TEST_CASE("the 64-bit local APIC address overrules the 32-bit one") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    entry(image.bytes(), LocalApicAddressEntry{.reserved = 0, .address = 0x1'fee00000});
    image.end();
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.interrupts.local_apic == PhysAddr{0x1'fee00000});
}

TEST_CASE("an arm64 server's tables give GIC, timer, console, PCI and PSCI") {
    AcpiImage image{fresh_bytes()};
    ByteBuilder& bytes = image.bytes();
    image.begin("APIC");
    bytes.put(Madt{});
    entry(
        bytes,
        GicDistributorEntry{
            .reserved = 0, .id = 0, .address = 0x8000000, .vector_base = 0, .version = 3, .reserved_2 = {}});
    for (std::uint64_t i = 0; i < 2; ++i) {
        GicCpuEntry cpu{};
        cpu.flags = 1;
        cpu.mpidr = i << 8;
        entry(bytes, cpu);
    }
    entry(bytes, GicRedistributorEntry{.reserved = 0, .address = 0x80a0000, .length = 0xf60000});
    image.end();
    image.begin("GTDT");
    Gtdt gtdt{};
    gtdt.physical_interrupt = 30;
    gtdt.virtual_interrupt = 27;
    bytes.put(gtdt);
    image.end();
    image.begin("SPCR");
    Spcr spcr{};
    spcr.interface = Spcr::pl011;
    spcr.base.address = 0x9000000;
    spcr.interrupt_type = 8;
    spcr.global_interrupt = 33;
    bytes.put(spcr);
    image.end();
    image.begin("MCFG");
    bytes.zeros(8);
    bytes.put(McfgEntry{.base = 0x5000, .segment = 1, .first_bus = 0, .last_bus = 1, .reserved = 0});
    bytes.put(
        McfgEntry{.base = 0x40'1000'0000, .segment = 0, .first_bus = 0, .last_bus = 255, .reserved = 0});
    image.end();
    Fadt fadt{};
    fadt.flags = Fadt::hardware_reduced;
    fadt.arm_boot_flags = Fadt::psci_compliant | Fadt::psci_uses_hvc;
    add_dsdt_and_fadt(image, fadt);
    image.finish();

    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::gic_v3);
    CHECK(boot_info.interrupts.distributor == PhysAddr{0x8000000});
    CHECK(boot_info.interrupts.redistributors == PhysAddr{0x80a0000});
    CHECK(boot_info.interrupts.redistributors_size == 0xf60000);
    REQUIRE(boot_info.cpus.size() == 2);
    CHECK(boot_info.cpus[1].hardware_id == 0x100);
    CHECK(boot_info.timer.physical_interrupt == 30);
    CHECK(boot_info.timer.virtual_interrupt == 27);
    CHECK(boot_info.console.kind == ConsoleKind::pl011);
    CHECK(boot_info.console.base == 0x9000000);
    CHECK(boot_info.console.interrupt == 33);
    CHECK(boot_info.pci_configuration == PhysAddr{0x40'1000'0000});
    CHECK(boot_info.pci_last_bus == 255);
    CHECK(boot_info.power.kind == PowerKind::psci_hvc);
    CHECK(boot_info.power.pm1a_control == 0);
}

TEST_CASE("a GIC without redistributors is a v2, with its CPU interface") {
    AcpiImage image{fresh_bytes()};
    image.begin("APIC");
    image.bytes().put(Madt{});
    GicCpuEntry cpu{};
    cpu.flags = 1;
    cpu.cpu_interface = 0x8010000;
    entry(image.bytes(), cpu);
    GicDistributorEntry distributor{};
    distributor.address = 0x8000000;
    SUBCASE("that says its version") {
        distributor.version = 2;
    }
    SUBCASE("that does not") {
        distributor.version = 0;
    }
    entry(image.bytes(), distributor);
    image.end();
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::gic_v2);
    CHECK(boot_info.interrupts.cpu_interface == PhysAddr{0x8010000});
}

TEST_CASE("the FADT gives power-off, the power button and the timer") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.end();
    Fadt fadt{};
    fadt.sci_interrupt = 9;
    fadt.smi_command = 0xb2;
    fadt.acpi_enable = 0xf1;
    fadt.pm1a_event = 0x600;
    fadt.pm1a_control = 0x604;
    fadt.pm_timer = 0x608;
    SUBCASE("in its 32-bit fields") {}
    SUBCASE("in its extended fields") {
        fadt.pm1a_event = fadt.pm1a_control = fadt.pm_timer = 0x9999;
        fadt.extended_pm1a_event = {
            .space = 1, .bit_width = 32, .bit_offset = 0, .access_size = 2, .address = 0x600};
        fadt.extended_pm1a_control = {
            .space = 1, .bit_width = 16, .bit_offset = 0, .access_size = 2, .address = 0x604};
        fadt.extended_pm_timer = {
            .space = 1, .bit_width = 32, .bit_offset = 0, .access_size = 3, .address = 0x608};
    }
    add_dsdt_and_fadt(image, fadt);
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.power.kind == PowerKind::acpi);
    CHECK(boot_info.power.sleep_type_a == 5);
    CHECK(boot_info.power.sleep_type_b == 3);
    CHECK(boot_info.power.pm1a_event == 0x600);
    CHECK(boot_info.power.pm1a_control == 0x604);
    CHECK(boot_info.power.pm1b_control == 0);
    CHECK(boot_info.power.sci_interrupt == 9);
    CHECK(boot_info.power.smi_command == 0xb2);
    CHECK(boot_info.power.acpi_enable == 0xf1);
    CHECK(boot_info.power.has_fixed_button);
    CHECK(boot_info.timer.power_management_timer == 0x608);
}

TEST_CASE("a port that is none is not taken for one") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.end();
    Fadt fadt{};
    fadt.pm1a_control = 0x10000;
    fadt.pm_timer = 0xffffffff;
    fadt.flags = Fadt::button_is_method;
    add_dsdt_and_fadt(image, fadt);
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.power.kind == PowerKind::none);
    CHECK(boot_info.power.pm1a_control == 0);
    CHECK(boot_info.timer.power_management_timer == 0);
    CHECK_FALSE(boot_info.power.has_fixed_button);
    CHECK(logged("no way to power off: no PM1a control port"));
}

TEST_CASE("a DSDT without \\_S5_ leaves no way to power off") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.end();
    const std::size_t dsdt = image.begin("DSDT");
    image.bytes().zeros(20);
    image.end_unlisted();
    Fadt fadt{};
    fadt.pm1a_control = 0x604;
    fadt.dsdt = static_cast<std::uint32_t>(AcpiImage::base.value + dsdt);
    image.begin("FACP");
    image.bytes().put(fadt);
    image.end();
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.power.kind == PowerKind::none);
    CHECK(logged("no way to power off: no constant \\_S5_ package"));
}

TEST_CASE("an entry of length 0 ends the MADT there, by name") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.bytes().put<std::uint16_t>(0);
    entry(image.bytes(), LocalApicEntry{.processor = 1, .apic_id = 1, .flags = 1});
    image.end();
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.cpus_present == 1);
    CHECK(logged("MADT: the entry at offset 0x34 has a wrong length"));
}

TEST_CASE("an entry beyond the end or too short is passed over, by name") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.bytes().put<std::uint8_t>(IoApicEntry::type);
    image.bytes().put<std::uint8_t>(4);
    image.bytes().zeros(2);
    image.bytes().put<std::uint8_t>(LocalApicEntry::type);
    image.bytes().put<std::uint8_t>(200);
    image.end();
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.cpus_present == 1);
    CHECK(boot_info.interrupts.io_apics.empty());
    CHECK(logged("MADT: an entry of type 1 is too short"));
    CHECK(logged("MADT: the entry at offset 0x38 has a wrong length"));
}

TEST_CASE("more CPUs and controllers than the kernel keeps are counted and named") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    for (std::uint8_t i = 1; i < 200; ++i) {
        entry(image.bytes(), LocalApicEntry{.processor = i, .apic_id = i, .flags = 1});
    }
    for (std::uint8_t i = 0; i < 20; ++i) {
        entry(image.bytes(), IoApicEntry{.id = i, .reserved = 0, .address = 1, .first_interrupt = 0});
        entry(image.bytes(), OverrideEntry{.bus = 0, .source = i, .global_interrupt = i, .flags = 0});
    }
    image.end();
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(boot_info.cpus_present == 200);
    CHECK(boot_info.cpus.size() == CpuId::limit);
    CHECK(logged("I/O APIC 8 ignored: too many"));
    CHECK(logged("override of interrupt 16 ignored: too many"));
}

TEST_CASE("a machine that cannot be used is an error with its reason") {
    AcpiImage image{fresh_bytes()};
    BootInfo& boot_info = fresh_boot_info();
    SUBCASE("no MADT") {
        image.finish();
        CHECK(describe(image, boot_info).error() == Error::malformed);
        CHECK(logged("no usable MADT: CPUs and interrupt controller are unknown"));
    }
    SUBCASE("a MADT with a wrong checksum") {
        const std::size_t table = begin_pc_madt(image);
        image.end();
        image.finish();
        image.bytes()[table + AcpiImage::checksum_field] ^= std::byte{1};
        CHECK(describe(image, boot_info).error() == Error::malformed);
        CHECK(logged("APIC at 0xe0028 ignored: wrong checksum"));
    }
    SUBCASE("a MADT without CPUs") {
        image.begin("APIC");
        image.bytes().put(Madt{});
        image.end();
        image.finish();
        CHECK(describe(image, boot_info).error() == Error::malformed);
        CHECK(logged("the MADT lists no usable CPU"));
        CHECK(logged("MADT describes no interrupt controller"));
    }
    SUBCASE("no root table") {
        image.root_pointer(0, 0x10);
        CHECK(describe(image, boot_info).error() == Error::malformed);
        CHECK(logged("no usable root table (XSDT or RSDT)"));
    }
    SUBCASE("no root pointer") {
        CHECK(describe(image, boot_info).error() == Error::malformed);
        CHECK(logged("ACPI: no usable root pointer"));
    }
}

TEST_CASE("tables that are too short are named and the rest is taken") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.end();
    for (const std::string_view signature : {"GTDT", "SPCR", "MCFG", "FACP"}) {
        image.begin(signature);
        image.bytes().zeros(4);
        image.end();
    }
    image.finish();
    BootInfo& boot_info = fresh_boot_info();
    REQUIRE(describe(image, boot_info).has_value());
    CHECK(logged("GTDT is too short"));
    CHECK(logged("SPCR is too short"));
    CHECK(logged("MCFG is too short"));
    CHECK(logged("FADT is too short"));
    CHECK(boot_info.console.kind == ConsoleKind::none);
    CHECK(boot_info.power.kind == PowerKind::none);
}

TEST_CASE("consoles: 16550 in ports or memory, none, or one that is not supported") {
    Spcr spcr{};
    spcr.interface = Spcr::ns16550;
    spcr.base.space = GenericAddress::ports;
    spcr.base.address = 0x3f8;
    spcr.interrupt_type = 3;
    spcr.global_interrupt = 4;
    BootInfo& boot_info = fresh_boot_info();
    const auto read = [&] { read_spcr({"SPCR", std::as_bytes(std::span{&spcr, 1})}, boot_info); };
    read();
    CHECK(boot_info.console.kind == ConsoleKind::ns16550_port);
    CHECK(boot_info.console.base == 0x3f8);
    CHECK(boot_info.console.interrupt == 4);
    spcr.base.space = GenericAddress::memory;
    spcr.base.address = 0xfe000000;
    spcr.interrupt_type = 1;
    read();
    CHECK(boot_info.console.kind == ConsoleKind::ns16550_mmio);
    CHECK(boot_info.console.interrupt == 0);
    spcr.base.address = 0;
    read();
    CHECK(boot_info.console.base == 0xfe000000);
    spcr.base.address = 0xabc000;
    spcr.interface = 0x42;
    read();
    CHECK(boot_info.console.base == 0xfe000000);
    CHECK(logged("SPCR: a console of type 66 at 0xabc000 is not supported"));
}

TEST_CASE("the region of SeaBIOS's tables becomes readable, holes for devices do not") {
    AcpiImage image{fresh_bytes()};
    begin_pc_madt(image);
    image.end();
    image.finish(false);
    BootInfo& boot_info = fresh_boot_info();
    boot_info.rsdp = AcpiImage::base;
    SUBCASE("a small region is") {
        add_memory(boot_info, AcpiImage::base.value, 0x20000, MemoryKind::reserved);
        add_memory(boot_info, 0x7fe0000, 0x20000, MemoryKind::reserved);
        describe_memory(image.memory(), boot_info);
        CHECK(boot_info.memory[0].kind == MemoryKind::reclaimable);
        CHECK(boot_info.memory[1].kind == MemoryKind::reserved);
    }
    SUBCASE("a large one is not") {
        add_memory(boot_info, 0, 1_GiB, MemoryKind::reserved);
        describe_memory(image.memory(), boot_info);
        CHECK(boot_info.memory[0].kind == MemoryKind::reserved);
    }
    SUBCASE("nor one that only a broken root pointer names") {
        add_memory(boot_info, AcpiImage::base.value, 0x20000, MemoryKind::reserved);
        image.bytes()[8] ^= std::byte{1};
        describe_memory(image.memory(), boot_info);
        CHECK(boot_info.memory[0].kind == MemoryKind::reserved);
    }
    SUBCASE("nothing is read where early tables promise nothing") {
        add_memory(boot_info, AcpiImage::base.value, 0x20000, MemoryKind::reserved);
        describe_memory(BufferReader{PhysAddr{0}, {}}, boot_info);
        CHECK(boot_info.memory[0].kind == MemoryKind::reserved);
    }
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
