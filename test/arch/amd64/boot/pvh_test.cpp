// SPDX-License-Identifier: BSD-2-Clause
// PVH start info as QEMU writes it, and in each way in which it can be wrong.
#include "arch/amd64/boot/pvh.hpp"
#include "test/core/boot/buffer_reader.hpp"
#include "test/core/boot/byte_builder.hpp"
#include "test/core/boot/fresh_boot_info.hpp"
#include "test/core/boot/logged.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::boot::BootInfo;
using core::boot::BootProblem;
using core::boot::MemoryKind;

constexpr PhysAddr base{0x9000};

// Offsets of the start info's fields.
constexpr std::size_t magic_field = 0;
constexpr std::size_t version_field = 4;
constexpr std::size_t module_count_field = 12;
constexpr std::size_t modules_field = 16;
constexpr std::size_t command_line_field = 24;
constexpr std::size_t root_pointer_field = 32;
constexpr std::size_t memory_map_field = 40;
constexpr std::size_t memory_map_entries_field = 48;

struct Layout {
    std::size_t memory_map;
    std::size_t modules;
    std::size_t command_line;
};

/// A start info with two ranges of memory, two modules and a command line.
Layout build(ByteBuilder& bytes) {
    bytes.zeros(56);
    Layout layout{};
    layout.memory_map = bytes.put<std::uint64_t>(0);
    bytes.put<std::uint64_t>(0xa0000);
    bytes.put<std::uint64_t>(1);
    bytes.put<std::uint64_t>(0x100000);
    bytes.put<std::uint64_t>(0x7f00000);
    bytes.put<std::uint64_t>(1);
    layout.modules = bytes.put<std::uint64_t>(0x200000);
    bytes.put<std::uint64_t>(0x800);
    bytes.zeros(16);
    bytes.put<std::uint64_t>(0x300000);
    bytes.put<std::uint64_t>(16);
    const std::size_t name = bytes.zeros(16);
    layout.command_line = bytes.text("exit=debug x");
    bytes.zeros(1);
    bytes.set(name, base.value + bytes.text("second of PVH"));
    bytes.zeros(1);

    bytes.set<std::uint32_t>(magic_field, 0x336ec578);
    bytes.set<std::uint32_t>(version_field, 1);
    bytes.set<std::uint32_t>(module_count_field, 2);
    bytes.set(modules_field, base.value + layout.modules);
    bytes.set(command_line_field, base.value + layout.command_line);
    bytes.set<std::uint64_t>(root_pointer_field, 0xf5a20);
    bytes.set(memory_map_field, base.value + layout.memory_map);
    bytes.set<std::uint32_t>(memory_map_entries_field, 2);
    return layout;
}

Result<void> parse(const ByteBuilder& bytes, BootInfo& boot_info, BootProblem& problem) {
    return amd64::parse_pvh(BufferReader{base, bytes.bytes()}, base, boot_info, problem);
}

std::string_view refusal(const ByteBuilder& bytes) {
    BootProblem problem;
    CHECK_FALSE(parse(bytes, fresh_boot_info(), problem).has_value());
    return problem.what;
}

TEST_SUITE_BEGIN("arch/amd64/boot/pvh");

TEST_CASE("everything that QEMU says arrives in BootInfo") {
    ByteBuilder& bytes = fresh_bytes();
    const Layout layout = build(bytes);
    BootInfo& boot_info = fresh_boot_info();
    BootProblem problem;
    REQUIRE(parse(bytes, boot_info, problem).has_value());
    CHECK(boot_info.protocol == "PVH");
    CHECK(boot_info.command_line == "exit=debug x");
    CHECK(boot_info.rsdp == PhysAddr{0xf5a20});
    CHECK(boot_info.archive.base == PhysAddr{0x200000});
    CHECK(boot_info.archive.size == 0x800);
    CHECK(logged("module \"second of PVH\" of 16 bytes ignored"));
    CHECK(boot_info.usable_bytes() == 0xa0000 + 0x7f00000 - 0x800 - 56 - 48 - 64 - 13);
    for (const std::size_t kept : {std::size_t{0}, layout.memory_map, layout.modules, layout.command_line}) {
        bool found = false;
        for (const auto& region : boot_info.memory) {
            found = found || (region.base == base + kept && region.kind == MemoryKind::reclaimable);
        }
        CHECK(found);
    }
}

TEST_CASE("no modules and no command line are fine") {
    ByteBuilder& bytes = fresh_bytes();
    build(bytes);
    bytes.set<std::uint32_t>(module_count_field, 0);
    bytes.set<std::uint64_t>(modules_field, 0);
    bytes.set<std::uint64_t>(command_line_field, 0);
    BootInfo& boot_info = fresh_boot_info();
    BootProblem problem;
    REQUIRE(parse(bytes, boot_info, problem).has_value());
    CHECK(boot_info.archive.size == 0);
    CHECK(boot_info.command_line.empty());
}

TEST_CASE("start info that is wrong is refused, with the reason") {
    ByteBuilder& bytes = fresh_bytes();
    const Layout layout = build(bytes);
    SUBCASE("magic") {
        bytes.set<std::uint32_t>(magic_field, 1);
        CHECK(refusal(bytes) == "the PVH start info's magic is wrong");
    }
    SUBCASE("version 0 has no memory map") {
        bytes.set<std::uint32_t>(version_field, 0);
        CHECK(refusal(bytes) == "the PVH start info has no memory map");
    }
    SUBCASE("an empty memory map") {
        bytes.set<std::uint32_t>(memory_map_entries_field, 0);
        CHECK(refusal(bytes) == "the PVH start info has no memory map");
    }
    SUBCASE("a memory map without end") {
        bytes.set<std::uint32_t>(memory_map_entries_field, UINT32_MAX);
        CHECK(refusal(bytes) == "the PVH memory map's size or address is wrong");
    }
    SUBCASE("a memory map that reaches out of memory") {
        bytes.set<std::uint32_t>(memory_map_entries_field, 1000);
        CHECK(refusal(bytes) == "the PVH memory map's size or address is wrong");
    }
    SUBCASE("a memory map nowhere") {
        bytes.set<std::uint64_t>(memory_map_field, UINT64_MAX);
        CHECK(refusal(bytes) == "the PVH memory map's size or address is wrong");
    }
    SUBCASE("a region that wraps") {
        bytes.set<std::uint64_t>(layout.memory_map + 24 + 8, UINT64_MAX);
        CHECK(refusal(bytes) == "a memory region wraps around the address space");
    }
    SUBCASE("a module list without end") {
        bytes.set<std::uint32_t>(module_count_field, UINT32_MAX);
        CHECK(refusal(bytes) == "the PVH module list's size or address is wrong");
    }
    SUBCASE("a module list nowhere") {
        bytes.set<std::uint64_t>(modules_field, 1);
        CHECK(refusal(bytes) == "the PVH module list's size or address is wrong");
    }
    SUBCASE("a module in a hole") {
        bytes.set<std::uint64_t>(layout.modules, 0xf0000);
        CHECK(refusal(bytes) == "a module is not in RAM");
    }
    SUBCASE("a module that wraps") {
        bytes.set<std::uint64_t>(layout.modules + 8, UINT64_MAX);
        CHECK(refusal(bytes) == "a module is not in RAM");
    }
    SUBCASE("a command line nowhere") {
        bytes.set<std::uint64_t>(command_line_field, 1);
        CHECK(refusal(bytes) == "a PVH string's address is wrong");
    }
    SUBCASE("a command line that ends with memory") {
        bytes.set(command_line_field, base.value + bytes.text("endless"));
        CHECK(refusal(bytes) == "a PVH string's address is wrong");
    }
    SUBCASE("a command line that is too long") {
        const std::size_t at = bytes.zeros(4097);
        for (std::size_t i = 0; i < 4096; ++i) {
            bytes[at + i] = std::byte{'x'};
        }
        bytes.set(command_line_field, base.value + at);
        CHECK(refusal(bytes) == "a PVH string is longer than 4095 bytes");
    }
}

TEST_CASE("start info nowhere is refused") {
    BootProblem problem;
    CHECK_FALSE(
        amd64::parse_pvh(BufferReader{base, {}}, PhysAddr{0}, fresh_boot_info(), problem).has_value());
    CHECK(problem.what == "the PVH start info's address is wrong");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
