// SPDX-License-Identifier: BSD-2-Clause
// Root pointer, root table, table headers: each checked before anything is believed.
#include "dev/acpi/tables.hpp"
#include "test/core/boot/logged.hpp"
#include "test/dev/acpi/acpi_image.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using dev::acpi::find_root_pointer;
using dev::acpi::has_valid_checksum;
using dev::acpi::read_root_pointer;
using dev::acpi::read_table;
using dev::acpi::TableList;

TEST_SUITE_BEGIN("dev/acpi/tables");

TEST_CASE("a checksum is the sum of every byte, whatever their number") {
    std::array<std::byte, 1000> bytes{};
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
        bytes.fill(std::byte{0xff});
        const std::span<const std::byte> part{bytes.data(), size};
        CHECK(has_valid_checksum(part) == (size % 256 == 0));
        if (size != 0) {
            bytes[size / 2] = static_cast<std::byte>(size - 1);
            CHECK(has_valid_checksum(part));
            bytes[size - 1] ^= std::byte{0x10};
            CHECK_FALSE(has_valid_checksum(part));
        }
    }
}

TEST_CASE("a root pointer of either revision leads to its root tables") {
    AcpiImage image{fresh_bytes()};
    image.root_pointer(0x1'0000'0000, 0x1234);
    auto roots = read_root_pointer(image.memory(), AcpiImage::base);
    REQUIRE(roots.has_value());
    CHECK(roots->xsdt == PhysAddr{0x1'0000'0000});
    CHECK(roots->rsdt == PhysAddr{0x1234});
    image.root_pointer(0, 0x5678);
    roots = read_root_pointer(image.memory(), AcpiImage::base);
    REQUIRE(roots.has_value());
    CHECK(roots->xsdt == PhysAddr{0});
    CHECK(roots->rsdt == PhysAddr{0x5678});
}

TEST_CASE("a root pointer that is wrong is named") {
    AcpiImage image{fresh_bytes()};
    image.root_pointer(0x1000, 0x2000);
    SUBCASE("signature") {
        image.bytes()[0] = std::byte{'r'};
        CHECK(read_root_pointer(image.memory(), AcpiImage::base).error() == Error::malformed);
        CHECK(logged("root pointer at 0xe0000 ignored: wrong signature"));
    }
    SUBCASE("checksum") {
        image.bytes()[9] = std::byte{1};
        CHECK(read_root_pointer(image.memory(), AcpiImage::base).error() == Error::malformed);
        CHECK(logged("root pointer at 0xe0000 ignored: wrong checksum"));
    }
    SUBCASE("place") {
        CHECK(read_root_pointer(image.memory(), PhysAddr{0xdeadb000}).error() == Error::malformed);
        CHECK(logged("root pointer at 0xdeadb000 ignored: not in readable memory"));
    }
    SUBCASE("extended checksum: it counts as the older revision") {
        image.bytes()[32] ^= std::byte{1};
        const auto roots = read_root_pointer(image.memory(), AcpiImage::base);
        REQUIRE(roots.has_value());
        CHECK(roots->xsdt == PhysAddr{0});
        CHECK(roots->rsdt == PhysAddr{0x2000});
        CHECK(logged("root pointer at 0xe0000: wrong extended checksum"));
    }
}

TEST_CASE("the BIOS area is searched on boundaries of 16 bytes") {
    // A window that claims to be all of the area: zeros but for one root pointer.
    struct Area final : core::boot::PhysicalReader {
        Result<std::span<const std::byte>> read(PhysAddr address, std::size_t size) const override {
            const bool inside = address == PhysAddr{0xe0000} && size == 128_KiB;
            return inside ? Result<std::span<const std::byte>>{bytes} : fail(Error::bad_address);
        }

        std::span<std::byte> bytes;
    };

    static constinit std::array<std::byte, 128_KiB> storage{};
    storage.fill(std::byte{0});
    Area area;
    area.bytes = storage;
    CHECK(find_root_pointer(area).error() == Error::not_found);
    AcpiImage image{fresh_bytes()};
    image.root_pointer(0, 0x1000);
    std::memcpy(&storage[0x15a28], &image.bytes()[0], 20);
    CHECK(find_root_pointer(area).error() == Error::not_found);
    std::memcpy(&storage[0x15a20], &image.bytes()[0], 20);
    CHECK(find_root_pointer(area) == PhysAddr{0xf5a20});
    CHECK(find_root_pointer(image.memory()).error() == Error::bad_address);
}

TEST_CASE("a sound table gives its body") {
    AcpiImage image{fresh_bytes()};
    const std::size_t table = image.begin("TEST");
    image.bytes().put<std::uint32_t>(0xcafe);
    image.end();
    const auto read = read_table(image.memory(), AcpiImage::base + table, "TEST");
    REQUIRE(read.has_value());
    CHECK(read->signature == "TEST");
    CHECK(read->body.size() == 4);
    CHECK(read->body[0] == std::byte{0xfe});
}

TEST_CASE("a table that is wrong is named") {
    AcpiImage image{fresh_bytes()};
    const std::size_t table = image.begin("BAD1");
    image.bytes().put<std::uint32_t>(0xcafe);
    image.end();
    const PhysAddr address = AcpiImage::base + table;
    SUBCASE("checksum") {
        image.bytes()[table + 36] ^= std::byte{1};
        CHECK(read_table(image.memory(), address, "BAD1").error() == Error::malformed);
        CHECK(logged("BAD1 at 0xe0028 ignored: wrong checksum"));
    }
    SUBCASE("length below the header's") {
        image.bytes().set<std::uint32_t>(table + AcpiImage::length_field, 35);
        CHECK(read_table(image.memory(), address, "BAD1").error() == Error::malformed);
        CHECK(logged("BAD1 at 0xe0028 ignored: wrong length"));
    }
    SUBCASE("length beyond all reason") {
        image.bytes().set<std::uint32_t>(table + AcpiImage::length_field, UINT32_MAX);
        CHECK(read_table(image.memory(), address, "BAD1").error() == Error::malformed);
        CHECK(logged("BAD1 at 0xe0028 ignored: wrong length"));
    }
    SUBCASE("length beyond memory") {
        image.bytes().set<std::uint32_t>(table + AcpiImage::length_field, 0x10000);
        CHECK(read_table(image.memory(), address, "BAD1").error() == Error::malformed);
        CHECK(logged("BAD1 at 0xe0028 ignored: it reaches out of readable memory"));
    }
    SUBCASE("signature") {
        CHECK(read_table(image.memory(), address, "GOOD").error() == Error::malformed);
        CHECK(logged("GOOD at 0xe0028 ignored: wrong signature"));
    }
    SUBCASE("place") {
        CHECK(read_table(image.memory(), PhysAddr{0xbad0000}, "BAD1").error() == Error::malformed);
        CHECK(logged("BAD1 at 0xbad0000 ignored: not in readable memory"));
    }
}

TEST_CASE("tables are found through either root table") {
    for (const bool extended : {true, false}) {
        AcpiImage image{fresh_bytes()};
        image.begin("ONE1");
        image.end();
        image.begin("TWO2");
        image.end();
        const std::size_t root = image.finish(extended);
        const auto memory = image.memory();
        const PhysAddr address = AcpiImage::base + root;
        const auto tables =
            TableList::open(memory, extended ? dev::acpi::Roots{address, {}} : dev::acpi::Roots{{}, address});
        REQUIRE(tables.has_value());
        CHECK(tables->find("ONE1").has_value());
        CHECK(tables->find("TWO2").has_value());
        CHECK(tables->find("SIX6").error() == Error::not_found);
    }
}

TEST_CASE("a broken XSDT is named and the RSDT serves") {
    AcpiImage image{fresh_bytes()};
    image.begin("ONE1");
    image.end();
    const std::size_t rsdt = image.finish(false);
    const std::size_t xsdt = image.finish(true);
    image.bytes()[xsdt + 20] ^= std::byte{1};
    const auto memory = image.memory();
    const auto tables = TableList::open(memory, {AcpiImage::base + xsdt, AcpiImage::base + rsdt});
    REQUIRE(tables.has_value());
    CHECK(tables->find("ONE1").has_value());
    CHECK(logged("XSDT at 0xe0078 ignored: wrong checksum"));
    CHECK(TableList::open(memory, {AcpiImage::base + xsdt, {}}).error() == Error::malformed);
}

TEST_CASE("of two tables with one name the sound one is found, wild entries are named") {
    AcpiImage image{fresh_bytes()};
    image.list(0xfeed'0000'0000);
    const std::size_t broken = image.begin("SAME");
    image.bytes().put<std::uint32_t>(1);
    image.end();
    image.begin("SAME");
    image.bytes().put<std::uint32_t>(2);
    image.end();
    const std::size_t root = image.finish();
    image.bytes()[broken + 36] = std::byte{7};
    const auto memory = image.memory();
    const auto tables = TableList::open(memory, {AcpiImage::base + root, {}});
    REQUIRE(tables.has_value());
    CHECK(logged("a table at 0xfeed00000000 ignored: not in readable memory"));
    const auto found = tables->find("SAME");
    REQUIRE(found.has_value());
    CHECK(found->body[0] == std::byte{2});
    CHECK(logged("SAME at 0xe0028 ignored: wrong checksum"));
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
