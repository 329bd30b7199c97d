// SPDX-License-Identifier: BSD-2-Clause
// From a device tree to BootInfo, for a machine like QEMU's virt board, and what is said of devices described
// wrongly.
#include "dev/fdt/describe.hpp"
#include "test/core/boot/fresh_boot_info.hpp"
#include "test/core/boot/logged.hpp"
#include "test/dev/fdt/tree_builder.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::boot::BootInfo;
using core::boot::ConsoleKind;
using core::boot::InterruptControllerKind;
using core::boot::MemoryKind;
using core::boot::PowerKind;
using dev::fdt::Tree;
using dev::fdt::TreeProblem;

constexpr PhysAddr tree_base{0x48000000};

void begin_root(TreeBuilder& builder) {
    builder.begin("");
    builder.property("#address-cells", {2});
    builder.property("#size-cells", {2});
}

void memory_node(TreeBuilder& builder) {
    builder.begin("memory@40000000");
    builder.property("device_type", "memory");
    builder.property("reg", {0, 0x40000000, 0, 0x10000000});
    builder.end();
}

void cpus_node(TreeBuilder& builder, std::uint32_t count) {
    builder.begin("cpus");
    builder.property("#address-cells", {1});
    builder.property("#size-cells", {0});
    for (std::uint32_t i = 0; i < count; ++i) {
        builder.begin("cpu");
        builder.property("device_type", "cpu");
        builder.property("reg", {i << 8});
        builder.end();
    }
    builder.end();
}

Result<void> describe(const ByteBuilder& bytes, BootInfo& boot_info, TreeProblem& problem) {
    const auto tree = Tree::open(bytes.bytes(), problem);
    REQUIRE(tree.has_value());
    boot_info.device_tree = tree_base;
    boot_info.device_tree_size = tree->size();
    auto result = dev::fdt::describe_memory(*tree, boot_info, problem);
    return result ? dev::fdt::describe_devices(*tree, boot_info, problem) : result;
}

BootInfo& described(const ByteBuilder& bytes) {
    BootInfo& boot_info = fresh_boot_info();
    TreeProblem problem;
    const auto result = describe(bytes, boot_info, problem);
    CHECK(result.has_value());
    return boot_info;
}

TEST_SUITE_BEGIN("dev/fdt/describe");

TEST_CASE("memory, reservations, command line and archive arrive in BootInfo") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.reserve(0x40000000, 0x1000);
    begin_root(builder);
    memory_node(builder);
    builder.begin("reserved-memory");
    builder.property("#address-cells", {2});
    builder.property("#size-cells", {2});
    builder.property("ranges", {});
    builder.begin("firmware");
    builder.property("reg", {0, 0x41000000, 0, 0x2000});
    builder.end();
    builder.begin("to-be-found");
    builder.property("size", {0, 0x1000});
    builder.end();
    builder.end();
    builder.begin("chosen");
    builder.property("bootargs", "exit=debug log=debug");
    builder.property("linux,initrd-start", {0, 0x44000000});
    builder.property("linux,initrd-end", {0x44000800});
    builder.end();
    builder.finish();
    const BootInfo& boot_info = described(bytes);
    CHECK(boot_info.command_line == "exit=debug log=debug");
    CHECK(boot_info.archive.base == PhysAddr{0x44000000});
    CHECK(boot_info.archive.size == 0x800);
    REQUIRE(boot_info.memory.size() == 5);
    CHECK(boot_info.memory[1].kind == MemoryKind::reserved);
    CHECK(boot_info.memory[1].base == PhysAddr{0x41000000});
    CHECK(boot_info.memory[2].kind == MemoryKind::reserved);
    CHECK(boot_info.memory[3].kind == MemoryKind::reclaimable);
    CHECK(boot_info.memory[3].base == tree_base);
    CHECK(boot_info.memory[4].kind == MemoryKind::module);
    CHECK(boot_info.usable_bytes() == 0x10000000 - 0x1000 - 0x2000 - bytes.size() - 0x800);
}

TEST_CASE("what the boot protocol has said already stays") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    begin_root(builder);
    memory_node(builder);
    builder.begin("chosen");
    builder.property("bootargs", "other");
    builder.end();
    builder.finish();
    BootInfo& boot_info = fresh_boot_info();
    boot_info.command_line = "mine";
    add_memory(boot_info, 0x80000000, 0x1000, MemoryKind::usable);
    TreeProblem problem;
    REQUIRE(describe(bytes, boot_info, problem).has_value());
    CHECK(boot_info.command_line == "mine");
    CHECK(boot_info.usable_bytes() == 0x1000);
}

TEST_CASE("a tree with only /chosen, as GRUB makes it under ACPI, adds only that") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    builder.begin("chosen");
    builder.property("linux,initrd-start", {0, 0x80000000});
    builder.property("linux,initrd-end", {0, 0x80000400});
    builder.end();
    builder.finish();
    BootInfo& boot_info = fresh_boot_info();
    add_memory(boot_info, 0x80000000, 0x1000, MemoryKind::usable);
    TreeProblem problem;
    REQUIRE(describe(bytes, boot_info, problem).has_value());
    CHECK(boot_info.archive.size == 0x400);
    CHECK(boot_info.cpus_present == 0);
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::none);
}

TEST_CASE("an archive that is not in RAM is refused") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    begin_root(builder);
    memory_node(builder);
    builder.begin("chosen");
    SUBCASE("beyond it") {
        builder.property("linux,initrd-start", {0, 0x4ffff000});
        builder.property("linux,initrd-end", {0, 0x50001000});
    }
    SUBCASE("backwards") {
        builder.property("linux,initrd-start", {0, 0x44001000});
        builder.property("linux,initrd-end", {0, 0x44000000});
    }
    builder.end();
    builder.finish();
    TreeProblem problem;
    CHECK(describe(bytes, fresh_boot_info(), problem).error() == Error::malformed);
    CHECK(problem.what == "the initrd of /chosen is not in RAM");
}

TEST_CASE("more memory nodes than the kernel keeps are refused") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    for (std::uint64_t i = 1; i <= 257; ++i) {
        builder.reserve(i * 0x2000, 0x1000);
    }
    begin_root(builder);
    memory_node(builder);
    builder.finish();
    TreeProblem problem;
    CHECK(describe(bytes, fresh_boot_info(), problem).error() == Error::out_of_range);
    CHECK(problem.what == "more memory regions than the kernel keeps");
}

TEST_CASE("the devices of a machine like QEMU's arrive in BootInfo") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    begin_root(builder);
    cpus_node(builder, 2);
    builder.begin("psci");
    builder.property("compatible", "arm,psci-1.0", "arm,psci-0.2");
    builder.property("method", "hvc");
    builder.end();
    builder.begin("intc@8000000");
    builder.property("compatible", "arm,gic-v3");
    builder.property("reg", {0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000});
    builder.end();
    builder.begin("timer");
    builder.property("compatible", "arm,armv8-timer");
    builder.property("interrupts", {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4});
    builder.end();
    builder.begin("pl011@9000000");
    builder.property("compatible", "arm,pl011");
    builder.property("reg", {0, 0x9000000, 0, 0x1000});
    builder.property("interrupts", {0, 1, 4});
    builder.end();
    builder.begin("pl011@9040000");
    builder.property("compatible", "arm,pl011");
    builder.property("reg", {0, 0x9040000, 0, 0x1000});
    builder.property("interrupts", {0, 8, 4});
    builder.end();
    builder.begin("pl031@9010000");
    builder.property("compatible", "arm,pl031");
    builder.property("reg", {0, 0x9010000, 0, 0x1000});
    builder.end();
    builder.begin("gpio-keys");
    builder.property("compatible", "gpio-keys");
    builder.begin("poweroff");
    builder.property("linux,code", {116});
    builder.property("gpios", {0x8003, 3, 0});
    builder.end();
    builder.end();
    builder.begin("pl061@9030000");
    builder.property("compatible", "arm,pl061");
    builder.property("reg", {0, 0x9030000, 0, 0x1000});
    builder.property("interrupts", {0, 7, 4});
    builder.property("phandle", {0x8003});
    builder.end();
    builder.begin("pcie@10000000");
    builder.property("compatible", "pci-host-ecam-generic");
    builder.property("reg", {0x40, 0x10000000, 0, 0x10000000});
    builder.property("bus-range", {0, 255});
    builder.end();
    builder.begin("chosen");
    builder.property("stdout-path", "/pl011@9040000");
    builder.end();
    builder.finish();

    const BootInfo& boot_info = described(bytes);
    CHECK(boot_info.cpus_present == 2);
    REQUIRE(boot_info.cpus.size() == 2);
    CHECK(boot_info.cpus[1].hardware_id == 0x100);
    CHECK(boot_info.power.kind == PowerKind::psci_hvc);
    CHECK(boot_info.power.button_gpio == PhysAddr{0x9030000});
    CHECK(boot_info.power.button_interrupt == 39);
    CHECK(boot_info.power.button_pin == 3);
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::gic_v3);
    CHECK(boot_info.interrupts.redistributors == PhysAddr{0x80a0000});
    CHECK(boot_info.interrupts.redistributors_size == 0xf60000);
    CHECK(boot_info.timer.physical_interrupt == 30);
    CHECK(boot_info.timer.virtual_interrupt == 27);
    CHECK(boot_info.console.kind == ConsoleKind::pl011);
    CHECK(boot_info.console.base == 0x9040000);
    CHECK(boot_info.console.interrupt == 40);
    CHECK(boot_info.real_time_clock == PhysAddr{0x9010000});
    CHECK(boot_info.pci_configuration == PhysAddr{0x40'1000'0000});
    CHECK(boot_info.pci_last_bus == 255);
}

TEST_CASE("devices that are described wrongly are named and left out") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    begin_root(builder);
    builder.begin("bad-gic");
    builder.property("compatible", "arm,gic-v3");
    builder.property("reg", {0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x100});
    builder.end();
    builder.begin("bad-timer");
    builder.property("compatible", "arm,armv8-timer");
    builder.property("interrupts", {1, 13, 4, 1, 14, 4});
    builder.end();
    builder.begin("bad-uart");
    builder.property("compatible", "arm,pl011");
    builder.end();
    builder.begin("bad-psci");
    builder.property("compatible", "arm,psci-1.0");
    builder.property("method", "call");
    builder.end();
    builder.begin("bad-pci");
    builder.property("compatible", "pci-host-ecam-generic");
    builder.property("reg", {0, 0x10000000, 0, 0x100000});
    builder.property("bus-range", {0, 1});
    builder.end();
    builder.finish();
    const BootInfo& boot_info = described(bytes);
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::none);
    CHECK(boot_info.timer.virtual_interrupt == 0);
    CHECK(boot_info.console.kind == ConsoleKind::none);
    CHECK(boot_info.power.kind == PowerKind::none);
    CHECK(boot_info.pci_configuration == PhysAddr{0});
    CHECK(logged("bad-gic ignored: distributor or redistributors not described"));
    CHECK(logged("bad-timer ignored: no usable interrupts"));
    CHECK(logged("bad-uart ignored: no usable reg"));
    CHECK(logged("bad-psci ignored: method is neither hvc nor smc"));
    CHECK(logged("bad-pci ignored: reg and bus-range do not fit together"));
}

TEST_CASE("a GICv2 has a CPU interface; a disabled device is not there") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    begin_root(builder);
    builder.begin("off");
    builder.property("compatible", "arm,gic-v3");
    builder.property("status", "disabled");
    builder.property("reg", {0, 1, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000});
    builder.end();
    builder.begin("intc");
    builder.property("compatible", "arm,cortex-a15-gic");
    builder.property("reg", {0, 0x8000000, 0, 0x10000, 0, 0x8010000, 0, 0x10000});
    builder.end();
    builder.finish();
    const BootInfo& boot_info = described(bytes);
    CHECK(boot_info.interrupts.kind == InterruptControllerKind::gic_v2);
    CHECK(boot_info.interrupts.cpu_interface == PhysAddr{0x8010000});
}

TEST_CASE(
    "the console is the UART of stdout-path, the first one where there is none; a wrong path is named") {
    struct Case {
        std::string_view path;
        std::uint64_t base;
    };

    constexpr Case cases[] = {
        {"", 0x9000000},
        {"/uart@9040000", 0x9040000},
        {"/uart@9040000:115200", 0x9040000},
        {"/bus/uart@9080000", 0x9080000},
        {"serial0:115200", 0x9080000},
        {"/uart@9080000", 0},
        {"/no-such-uart", 0},
    };
    for (const Case& each : cases) {
        ByteBuilder& bytes = fresh_bytes();
        TreeBuilder builder{bytes};
        begin_root(builder);
        for (const std::uint32_t base : {0x9000000U, 0x9040000U, 0x9080000U}) {
            const bool deep = base == 0x9080000;
            if (deep) {
                builder.begin("bus");
                builder.property("#address-cells", {2});
                builder.property("#size-cells", {2});
                builder.property("ranges", {});
            }
            builder.begin(base == 0x9000000 ? "uart@9000000" : deep ? "uart@9080000" : "uart@9040000");
            builder.property("compatible", "arm,pl011");
            builder.property("reg", {0, base, 0, 0x1000});
            builder.end();
        }
        builder.end();
        builder.begin("aliases");
        builder.property("serial0", "/bus/uart@9080000");
        builder.end();
        builder.begin("chosen");
        if (!each.path.empty()) {
            builder.property("stdout-path", each.path);
        }
        builder.end();
        builder.finish();
        CHECK(described(bytes).console.base == each.base);
    }
    CHECK(logged("stdout-path /no-such-uart is no PL011"));
}

TEST_CASE("more CPUs than the kernel uses are counted") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    begin_root(builder);
    cpus_node(builder, 20);
    builder.finish();
    BootInfo& boot_info = fresh_boot_info();
    for (std::uint32_t i = 0; i < CpuId::limit - 1; ++i) {
        (void)boot_info.cpus.push_back({});
    }
    TreeProblem problem;
    REQUIRE(describe(bytes, boot_info, problem).has_value());
    CHECK(boot_info.cpus_present == 20);
    CHECK(boot_info.cpus.size() == CpuId::limit);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
