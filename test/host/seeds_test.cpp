// SPDX-License-Identifier: BSD-2-Clause
// The seeds of the fuzz targets that QEMU and Python's tarfile made: real tables and trees, read as on the
// machine.
#include "arch/amd64/boot/multiboot2.hpp"
#include "arch/amd64/boot/pvh.hpp"
#include "core/boot/archive.hpp"
#include "dev/acpi/describe.hpp"
#include "dev/fdt/describe.hpp"
#include "test/core/boot/buffer_reader.hpp"
#include "test/floor/floor.hpp"

#include <cstring>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace heddle::test {
namespace {

using core::boot::BootInfo;
using core::boot::ConsoleKind;
using core::boot::InterruptControllerKind;
using core::boot::PowerKind;

/// A seed, in memory that is aligned to 8 bytes and ends where it does.
class Seed {
  public:
    explicit Seed(const std::string& name) {
        std::ifstream file{HEDDLE_SEEDS "/" + name, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        REQUIRE_MESSAGE(!text.empty(), name);
        words_.resize((text.size() + 7) / 8);
        std::memcpy(words_.data(), text.data(), text.size());
        size_ = text.size();
    }

    std::span<const std::byte> bytes() const { return std::as_bytes(std::span{words_}).first(size_); }

  private:
    std::vector<std::uint64_t> words_;
    std::size_t size_ = 0;
};

constexpr PhysAddr acpi_base{0xe0000};

void describe_acpi(const std::string& name, BootInfo& boot_info) {
    const Seed seed{"acpi/" + name};
    const BufferReader memory{acpi_base, seed.bytes()};
    boot_info.rsdp = acpi_base;
    CHECK(dev::acpi::describe_devices(memory, boot_info).has_value());
}

TEST_SUITE_BEGIN("host/seeds");

TEST_CASE("ACPI tables of QEMU's PCs") {
    for (const char* name : {"qemu-pc", "qemu-q35"}) {
        BootInfo boot_info;
        describe_acpi(name, boot_info);
        CHECK(boot_info.cpus.size() == 2);
        CHECK(boot_info.interrupts.kind == InterruptControllerKind::apic);
        CHECK(boot_info.interrupts.local_apic == PhysAddr{0xfee00000});
        REQUIRE(boot_info.interrupts.io_apics.size() == 1);
        CHECK(boot_info.interrupts.io_apics[0].base == PhysAddr{0xfec00000});
        CHECK(boot_info.interrupts.overrides.size() == 5);
        CHECK(boot_info.power.kind == PowerKind::acpi);
        CHECK(boot_info.power.pm1a_control == boot_info.power.pm1a_event + 4);
        CHECK(boot_info.timer.power_management_timer == boot_info.power.pm1a_event + 8);
        CHECK(boot_info.power.sci_interrupt == 9);
    }
}

TEST_CASE("ACPI tables of QEMU's arm64 board under AAVMF") {
    BootInfo boot_info;
    describe_acpi("qemu-virt", boot_info);
    CHECK(boot_info.cpus.size() == 2);
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::gic_v3);
    CHECK(boot_info.interrupts.distributor == PhysAddr{0x8000000});
    CHECK(boot_info.interrupts.redistributors == PhysAddr{0x80a0000});
    CHECK(boot_info.timer.virtual_interrupt == 27);
    CHECK(boot_info.console.kind == ConsoleKind::pl011);
    CHECK(boot_info.console.base == 0x9000000);
    CHECK(boot_info.console.interrupt == 33);
    CHECK(boot_info.power.kind == PowerKind::psci_hvc);
    CHECK(boot_info.pci_configuration != PhysAddr{0});
}

TEST_CASE("device trees of QEMU's arm64 board") {
    for (const bool v3 : {false, true}) {
        const Seed seed{v3 ? "fdt/qemu-virt-gicv3" : "fdt/qemu-virt-gicv2"};
        BootInfo boot_info;
        boot_info.device_tree = PhysAddr{0x48000000};
        dev::fdt::TreeProblem problem;
        const auto tree = dev::fdt::Tree::open(seed.bytes(), problem);
        REQUIRE(tree.has_value());
        REQUIRE(dev::fdt::describe_memory(*tree, boot_info, problem).has_value());
        REQUIRE(dev::fdt::describe_devices(*tree, boot_info, problem).has_value());
        CHECK(boot_info.usable_bytes() == 128_MiB);
        CHECK(boot_info.cpus.size() == 2);
        CHECK(boot_info.interrupts.kind ==
              (v3 ? InterruptControllerKind::gic_v3 : InterruptControllerKind::gic_v2));
        CHECK(boot_info.console.base == 0x9000000);
        CHECK(boot_info.power.kind == PowerKind::psci_hvc);
        CHECK(boot_info.power.button_gpio == PhysAddr{0x9030000});
        CHECK(boot_info.power.button_pin == 3);
        CHECK(boot_info.real_time_clock == PhysAddr{0x9010000});
    }
}

TEST_CASE("boot data of GRUB and QEMU for amd64") {
    constexpr PhysAddr base{0x10000};
    core::boot::BootProblem problem;
    const Seed grub{"multiboot2/grub-bios"};
    BootInfo by_grub;
    REQUIRE(amd64::parse_multiboot2(BufferReader{base, grub.bytes()}, base, by_grub, problem).has_value());
    CHECK(by_grub.loader.starts_with("GRUB 2.06"));
    CHECK(by_grub.rsdp != PhysAddr{0});
    CHECK(by_grub.archive.size != 0);
    CHECK(by_grub.usable_bytes() > 62_MiB);
    CHECK(by_grub.usable_bytes() < 64_MiB);
    const Seed qemu{"pvh/qemu"};
    BootInfo by_qemu;
    REQUIRE(amd64::parse_pvh(BufferReader{base, qemu.bytes()}, base, by_qemu, problem).has_value());
    CHECK(by_qemu.command_line == "log=debug some=\"thing else\"");
    CHECK(by_qemu.rsdp == PhysAddr{0xf59d0});
    CHECK(by_qemu.archive.size != 0);
    CHECK(by_qemu.usable_bytes() > 62_MiB);
    CHECK(by_qemu.usable_bytes() < 64_MiB);
}

TEST_CASE("archives of Python's tarfile") {
    core::boot::ArchiveProblem problem;
    const Seed files{"archive/files"};
    const auto archive = core::boot::Archive::open(files.bytes(), problem);
    REQUIRE(archive.has_value());
    CHECK(archive->files().size() == 3);
    const Seed prefix{"archive/prefix"};
    const auto deep = core::boot::Archive::open(prefix.bytes(), problem);
    REQUIRE(deep.has_value());
    CHECK(deep->files()[0].path.size() == 153);
    CHECK(deep->files()[1].path == "dot");
    for (const char* name : {"absolute", "dotdot", "duplicate", "gnu", "pax", "truncated"}) {
        const Seed seed{std::string{"archive/"} + name};
        CHECK(core::boot::Archive::open(seed.bytes(), problem).error() == Error::malformed);
    }
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
