// SPDX-License-Identifier: BSD-2-Clause
// What boot found of the machine that runs this: plausible in every part, whichever firmware described it.
#include "core/boot/description.hpp"
#include "core/boot/physical_reader.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::boot::BootInfo;
using core::boot::ConsoleKind;
using core::boot::InterruptControllerKind;
using core::boot::MemoryKind;
using core::boot::PowerKind;

TEST_SUITE_BEGIN("core/boot/machine");

TEST_CASE("BootInfo of this machine is sensible") {
    const BootInfo& machine = env().boot_info();
    CHECK(machine.protocol != "none");
    CHECK(machine.cpus_present >= 1);
    CHECK(machine.cpus.size() >= 1);
    CHECK(machine.cpus.size() <= machine.cpus_present);
    CHECK(machine.console.kind != ConsoleKind::none);
    CHECK(machine.console.base != 0);
    CHECK(machine.power.kind != PowerKind::none);
    CHECK(machine.usable_bytes() > 1_MiB);
    CHECK(machine.end_of_memory().value > machine.usable_bytes());
    CHECK(machine.usable_bytes() < 64_GiB);
}

TEST_CASE("no two CPUs of this machine have one hardware id") {
    const auto cpus = env().boot_info().cpus.span();
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            CHECK(cpus[i].hardware_id != cpus[j].hardware_id);
        }
    }
}

TEST_CASE("this machine's interrupt controller and timer are described") {
    const BootInfo& machine = env().boot_info();
    switch (machine.interrupts.kind) {
    case InterruptControllerKind::apic:
        CHECK(heddle::machine::name == "amd64");
        CHECK(machine.interrupts.local_apic != PhysAddr{0});
        REQUIRE(machine.interrupts.io_apics.size() >= 1);
        CHECK(machine.interrupts.io_apics[0].base != PhysAddr{0});
        CHECK(machine.timer.power_management_timer != 0);
        break;
    case InterruptControllerKind::gic_v2:
        CHECK(heddle::machine::name == "aarch64");
        CHECK(machine.interrupts.distributor != PhysAddr{0});
        CHECK(machine.interrupts.cpu_interface != PhysAddr{0});
        CHECK(machine.timer.virtual_interrupt >= 16);
        break;
    case InterruptControllerKind::gic_v3:
        CHECK(heddle::machine::name == "aarch64");
        CHECK(machine.interrupts.distributor != PhysAddr{0});
        CHECK((machine.interrupts.redistributors_size >= 128_KiB ||
               machine.cpus[0].redistributor != PhysAddr{0}));
        CHECK(machine.timer.virtual_interrupt >= 16);
        CHECK(machine.timer.physical_interrupt >= 16);
        break;
    case InterruptControllerKind::none: FAIL("no interrupt controller"); break;
    }
}

TEST_CASE("power off is possible by what the tables say") {
    const auto& power = env().boot_info().power;
    if (power.kind == PowerKind::acpi) {
        CHECK(power.pm1a_control != 0);
        CHECK(power.sleep_type_a <= 7);
    } else {
        CHECK((power.kind == PowerKind::psci_hvc || power.kind == PowerKind::psci_smc));
    }
}

TEST_CASE("boot data and kernel are in RAM and never usable") {
    const BootInfo& machine = env().boot_info();
    CHECK(machine.is_ram(machine.kernel_base, machine.kernel_size));
    bool kernel_is_marked = false;
    for (const auto& region : machine.memory) {
        kernel_is_marked = kernel_is_marked || (region.kind == MemoryKind::kernel &&
                                                region.base <= machine.kernel_base && region.size != 0);
    }
    CHECK(kernel_is_marked);
    if (machine.rsdp.value != 0) {
        CHECK(core::boot::RamReader{machine}.read(machine.rsdp, 20).has_value());
    }
    if (machine.archive.size != 0) {
        CHECK(machine.is_ram(machine.archive.base, machine.archive.size));
    }
}

TEST_CASE("the boot archive's files are readable") {
    const auto files = env().files().files();
    const BootInfo& machine = env().boot_info();
    if (machine.archive.size == 0) {
        CHECK(files.empty());
        return;
    }
    std::size_t bytes = 0;
    for (const auto& file : files) {
        CHECK_FALSE(file.path.empty());
        const auto found = env().files().find(file.path);
        REQUIRE(found.has_value());
        CHECK(found->data.data() == file.data.data());
        bytes += file.data.size();
    }
    CHECK(bytes <= machine.archive.size);
}

TEST_CASE("memory outside of RAM is refused to parsers") {
    const BootInfo& machine = env().boot_info();
    const core::boot::RamReader memory{machine};
    CHECK(memory.read(machine.kernel_base, 16).has_value());
    CHECK(memory.read(machine.end_of_memory(), 1).error() == Error::bad_address);
    CHECK(memory.read(machine.end_of_memory() - 1, 2).error() == Error::bad_address);
    CHECK(memory.read(PhysAddr{UINT64_MAX}, 2).error() == Error::bad_address);
    CHECK(memory.read(PhysAddr{0}, SIZE_MAX).error() == Error::bad_address);
}

TEST_CASE("every description source of this image has a name, in order") {
    const auto sources = core::boot::description_sources();
    REQUIRE(sources.size() == 2);
    CHECK(sources[0].name == "acpi");
    CHECK(sources[1].name == "device-tree");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
