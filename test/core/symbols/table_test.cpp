// SPDX-License-Identifier: BSD-2-Clause
// Made-up symbol tables, well formed and garbled.
#include "core/symbols/table.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::symbols::Table;

struct Text {
    char buffer[300];
    BufferWriter writer{buffer};

    std::string_view view() const { return writer.text(); }
};

/// A table of three functions at 0x10, 0x20 and 0x40 (which ends at 0x48), named ab, b and cab by two tokens.
struct MadeTable {
    std::array<std::uint8_t, 24 + 16 + 4 + 8 + 514 + 4> bytes{};

    MadeTable() {
        const std::uint32_t words[] = {
            0x4d59'5348, 3, 40, 44, 52, static_cast<std::uint32_t>(bytes.size()), 0x10, 0x20, 0x40, 0x48, 0};
        std::memcpy(bytes.data(), words, sizeof(words));
        const std::uint8_t names[] = {1, 'x', 1, 'b', 2, 'c', 'x'};
        std::memcpy(bytes.data() + 44, names, sizeof(names));
        // Codes in the order of their bytes: b, c, x = "ab".
        for (unsigned code = 0; code <= 256; ++code) {
            const auto offset = static_cast<std::uint16_t>(code <= 'b'   ? 0
                                                           : code == 'c' ? 1
                                                           : code <= 'x' ? 2
                                                                         : 4);
            std::memcpy(bytes.data() + 52 + 2 * code, &offset, sizeof(offset));
        }
        std::memcpy(bytes.data() + 52 + 514, "bcab", 4);
    }

    static constexpr VirtAddr image{0x1000};

    Table table(std::size_t size) const { return Table{{bytes.data(), size}, image}; }

    Table table() const { return table(bytes.size()); }

    std::string_view name(Text& text, std::uint64_t offset) const {
        if (const auto symbol = table().find(image + offset)) {
            table().write_name(text.writer, *symbol);
        }
        return text.view();
    }
};

TEST_CASE("symbols: a made-up table is read as tools/symbols.py defines it") {
    const MadeTable made;
    Text first, last_byte, second, third, before, after;
    CHECK(made.name(first, 0x10) == "ab");
    CHECK(made.name(last_byte, 0x1f) == "ab");
    CHECK(made.name(second, 0x20) == "b");
    CHECK(made.name(third, 0x47) == "cab");
    CHECK(made.name(before, 0x0f) == "");
    CHECK(made.name(after, 0x48) == "");
    CHECK(made.table().find(MadeTable::image + 0x33)->offset == 0x13);
}

TEST_CASE("symbols: a table that is cut short anywhere is an empty one") {
    const MadeTable made;
    bool all_empty = true;
    for (std::size_t size = 0; size < made.bytes.size(); ++size) {
        all_empty = all_empty && made.table(size).size() == 0;
    }
    CHECK(all_empty);
}

TEST_CASE("symbols: garbled tables neither hang nor read outside of their bytes") {
    std::size_t longest = 0;
    for (unsigned round = 0; round < 3000; ++round) {
        MadeTable made;
        for (std::uint64_t i = random().between(1, 8); i > 0; --i) {
            made.bytes[random().below(made.bytes.size())] = static_cast<std::uint8_t>(random().next());
        }
        const Table table = made.table();
        for (std::uint32_t i = 0; i < std::min<std::size_t>(table.size(), 8); ++i) {
            Text name;
            table.write_name(name.writer, {i, 0});
            longest = std::max(longest, name.view().size());
        }
        table.find(MadeTable::image + random().below(0x60));
    }
    CHECK(longest <= 255);
}

} // namespace
} // namespace heddle::test
