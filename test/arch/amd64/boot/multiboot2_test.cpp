// SPDX-License-Identifier: BSD-2-Clause
// Multiboot2 information as GRUB writes it, and in each way in which it can be wrong.
#include "arch/amd64/boot/multiboot2.hpp"
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

/// Information under construction; tags are aligned to 8 bytes, sizes are filled in.
class Information {
  public:
    explicit Information(ByteBuilder& bytes)
        : bytes_{bytes} {
        bytes_.put<std::uint64_t>(0);
    }

    std::size_t begin(std::uint32_t type) {
        bytes_.align(8);
        tag_ = bytes_.put(type);
        bytes_.put<std::uint32_t>(0);
        return tag_;
    }

    void end() { bytes_.set(tag_ + 4, static_cast<std::uint32_t>(bytes_.size() - tag_)); }

    void string(std::uint32_t type, std::string_view text) {
        begin(type);
        bytes_.text(text);
        bytes_.zeros(1);
        end();
    }

    void memory_map() {
        begin(6);
        bytes_.put<std::uint32_t>(24);
        bytes_.put<std::uint32_t>(0);
        range(0, 0x9fc00, 1);
        range(0x9fc00, 0x400, 2);
        range(0x100000, 0x7e00000, 1);
        range(0x7f00000, 0x1000, 3);
        range(0x7f01000, 0x1000, 4);
        range(0x7f02000, 0, 1);
        range(0x7f10000, 0x1000, 5);
        end();
    }

    void range(std::uint64_t at, std::uint64_t size, std::uint32_t type) {
        bytes_.put(at);
        bytes_.put(size);
        bytes_.put(type);
        bytes_.put<std::uint32_t>(0);
    }

    void module(std::uint32_t begin_at, std::uint32_t end_at, std::string_view name) {
        begin(3);
        bytes_.put(begin_at);
        bytes_.put(end_at);
        bytes_.text(name);
        bytes_.zeros(1);
        end();
    }

    void finish() {
        begin(0);
        end();
        bytes_.set(0, static_cast<std::uint32_t>(bytes_.size()));
    }

  private:
    ByteBuilder& bytes_;
    std::size_t tag_ = 0;
};

Result<void> parse(const ByteBuilder& bytes, BootInfo& boot_info, BootProblem& problem) {
    return amd64::parse_multiboot2(BufferReader{base, bytes.bytes()}, base, boot_info, problem);
}

/// Parses what must be refused; why it was.
std::string_view refusal(const ByteBuilder& bytes) {
    BootProblem problem;
    CHECK_FALSE(parse(bytes, fresh_boot_info(), problem).has_value());
    return problem.what;
}

TEST_SUITE_BEGIN("arch/amd64/boot/multiboot2");

TEST_CASE("everything that GRUB says arrives in BootInfo") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.string(1, "exit=debug log=debug");
    information.string(2, "GRUB 2.06");
    information.string(77, "a tag nobody knows");
    information.module(0x200000, 0x200800, "archive");
    information.memory_map();
    information.begin(14);
    bytes.zeros(20);
    information.end();
    const std::size_t root = information.begin(15) + 8;
    bytes.zeros(36);
    information.end();
    information.finish();

    BootInfo& boot_info = fresh_boot_info();
    BootProblem problem;
    REQUIRE(parse(bytes, boot_info, problem).has_value());
    CHECK(boot_info.protocol == "multiboot2");
    CHECK(boot_info.command_line == "exit=debug log=debug");
    CHECK(boot_info.loader == "GRUB 2.06");
    CHECK(boot_info.rsdp == base + root);
    CHECK(boot_info.archive.base == PhysAddr{0x200000});
    CHECK(boot_info.archive.size == 0x800);
    REQUIRE(boot_info.memory.size() == 7);
    CHECK(boot_info.memory[0].kind == MemoryKind::usable);
    CHECK(boot_info.memory[1].kind == MemoryKind::reserved);
    CHECK(boot_info.memory[3].kind == MemoryKind::reclaimable); // two ACPI ranges in a row, now one
    CHECK(boot_info.memory[3].size == 0x2000);
    CHECK(boot_info.memory[4].kind == MemoryKind::reserved); // bad memory
    CHECK(boot_info.memory[5].kind == MemoryKind::module);
    CHECK(boot_info.memory[6].kind == MemoryKind::reclaimable);
    CHECK(boot_info.memory[6].base == base);
    CHECK(boot_info.memory[6].size == bytes.size());
}

TEST_CASE("the older root pointer serves where there is no newer") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.memory_map();
    const std::size_t root = information.begin(14) + 8;
    bytes.zeros(20);
    information.end();
    information.finish();
    BootInfo& boot_info = fresh_boot_info();
    BootProblem problem;
    REQUIRE(parse(bytes, boot_info, problem).has_value());
    CHECK(boot_info.rsdp == base + root);
    CHECK(boot_info.archive.size == 0);
}

TEST_CASE("a second module is named and left alone") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.memory_map();
    information.module(0x200000, 0x200800, "first");
    information.module(0x300000, 0x300010, "second of multiboot2");
    information.finish();
    BootInfo& boot_info = fresh_boot_info();
    BootProblem problem;
    REQUIRE(parse(bytes, boot_info, problem).has_value());
    CHECK(boot_info.archive.base == PhysAddr{0x200000});
    CHECK(logged("module \"second of multiboot2\" of 16 bytes ignored"));
}

TEST_CASE("information without a memory map is refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.string(1, "x");
    information.finish();
    CHECK(refusal(bytes) == "Multiboot2 information has no memory map");
}

TEST_CASE("two memory maps are refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.memory_map();
    information.memory_map();
    information.finish();
    CHECK(refusal(bytes) == "Multiboot2 information has two memory maps");
}

TEST_CASE("tags that do not fit are refused, with their offset") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.string(1, "x");
    const std::size_t map = bytes.size() + 6;
    information.memory_map();
    information.finish();
    BootProblem problem;
    SUBCASE("size 0") {
        bytes.set<std::uint32_t>(map + 4, 0);
        CHECK_FALSE(parse(bytes, fresh_boot_info(), problem).has_value());
        CHECK(problem.what == "a Multiboot2 tag is shorter than its header");
        CHECK(problem.offset == map);
    }
    SUBCASE("size beyond the end") {
        bytes.set<std::uint32_t>(map + 4, 0x1000);
        CHECK_FALSE(parse(bytes, fresh_boot_info(), problem).has_value());
        CHECK(problem.what == "a Multiboot2 tag is longer than the information");
        CHECK(problem.offset == map);
    }
    SUBCASE("size that wraps") {
        bytes.set<std::uint32_t>(map + 4, UINT32_MAX);
        CHECK(refusal(bytes) == "a Multiboot2 tag is longer than the information");
    }
    SUBCASE("no end tag") {
        bytes.set(0, static_cast<std::uint32_t>(bytes.size() - 8));
        CHECK(refusal(bytes) == "Multiboot2 information has no end tag");
    }
    SUBCASE("an entry size of 0") {
        bytes.set<std::uint32_t>(map + 8, 0);
        CHECK(refusal(bytes) == "the Multiboot2 memory map's entry size is wrong");
    }
    SUBCASE("an entry size that is no multiple of 8") {
        bytes.set<std::uint32_t>(map + 8, 25);
        CHECK(refusal(bytes) == "the Multiboot2 memory map's entry size is wrong");
    }
    SUBCASE("an entry size that does not divide the map") {
        bytes.set<std::uint32_t>(map + 8, 40);
        CHECK(refusal(bytes) == "the Multiboot2 memory map ends inside an entry");
    }
    SUBCASE("a region that wraps") {
        bytes.set<std::uint64_t>(map + 16 + 8, UINT64_MAX);
        bytes.set<std::uint64_t>(map + 16, 0x1000);
        CHECK(refusal(bytes) == "a memory region wraps around the address space");
    }
}

TEST_CASE("information that is too short, too long or unreachable is refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.memory_map();
    information.finish();
    SUBCASE("size 0") {
        bytes.set<std::uint32_t>(0, 0);
        CHECK(refusal(bytes) == "the Multiboot2 information's size is wrong");
    }
    SUBCASE("beyond readable memory") {
        bytes.set<std::uint32_t>(0, UINT32_MAX);
        CHECK(refusal(bytes) == "the Multiboot2 information's size is wrong");
    }
    SUBCASE("nowhere") {
        BootProblem problem;
        const BufferReader memory{base, bytes.bytes()};
        CHECK_FALSE(amd64::parse_multiboot2(memory, PhysAddr{0}, fresh_boot_info(), problem).has_value());
        CHECK(problem.what == "the Multiboot2 information's address is wrong");
    }
}

TEST_CASE("a string without its end is refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.begin(1);
    bytes.text("endless");
    information.end();
    information.memory_map();
    information.finish();
    CHECK(refusal(bytes) == "a Multiboot2 string is not terminated");
}

TEST_CASE("a module that lies wrongly is refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.memory_map();
    SUBCASE("backwards") {
        information.module(0x200800, 0x200000, "m");
        information.finish();
        CHECK(refusal(bytes) == "a Multiboot2 module ends before it begins");
    }
    SUBCASE("in a hole") {
        information.module(0xf0000, 0xf1000, "m");
        information.finish();
        CHECK(refusal(bytes) == "a module is not in RAM");
    }
    SUBCASE("without a body") {
        information.begin(3);
        information.end();
        information.finish();
        CHECK(refusal(bytes) == "a Multiboot2 module tag is too short");
    }
}

TEST_CASE("a root pointer's copy that is too short is refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.memory_map();
    information.begin(15);
    bytes.zeros(35);
    information.end();
    information.finish();
    CHECK(refusal(bytes) == "the ACPI root pointer's copy is too short");
}

TEST_CASE("a map with more regions than the kernel keeps is refused") {
    ByteBuilder& bytes = fresh_bytes();
    Information information{bytes};
    information.begin(6);
    bytes.put<std::uint32_t>(24);
    bytes.put<std::uint32_t>(0);
    for (std::uint64_t i = 0; i <= decltype(BootInfo::memory)::capacity(); ++i) {
        information.range(i * 0x2000, 0x1000, 1);
    }
    information.end();
    information.finish();
    CHECK(refusal(bytes) == "more memory regions than the kernel keeps");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
