// SPDX-License-Identifier: BSD-2-Clause
// The early look into /chosen: what it finds, and that a tree which is cut or wrong anywhere gives nothing
// wild.
#include "dev/fdt/chosen.hpp"
#include "test/dev/fdt/tree_builder.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using dev::fdt::Chosen;
using dev::fdt::find_chosen;

/// A tree with /chosen behind other nodes, one of which has a child of that name.
ByteBuilder& tree_with_chosen() {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    builder.property("#address-cells", {2});
    builder.begin("other");
    builder.begin("chosen");
    builder.property("bootargs", "wrong=1");
    builder.end();
    builder.end();
    builder.begin("chosen");
    builder.property("stdout-path", "/serial");
    builder.property("kaslr-seed", {0x01020304, 0x05060708});
    builder.property("bootargs", "nokaslr log=debug");
    builder.end();
    builder.finish();
    return bytes;
}

TEST_SUITE_BEGIN("dev/fdt/chosen");

TEST_CASE("the command line and the seed of /chosen are found, and where the seed is") {
    const ByteBuilder& bytes = tree_with_chosen();
    const Chosen chosen = find_chosen(bytes.bytes());
    CHECK(chosen.command_line == "nokaslr log=debug");
    CHECK(chosen.seed == 0x0807'0605'0403'0201);
    std::uint64_t there = 0;
    std::memcpy(&there, bytes.bytes().data() + chosen.seed_at, sizeof(there));
    CHECK(there == chosen.seed);
}

TEST_CASE("a tree without /chosen, and a seed of another size, give nothing") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    SUBCASE("no node") {}
    SUBCASE("a seed of four bytes") {
        builder.begin("chosen");
        builder.property("kaslr-seed", {7});
        builder.end();
    }
    builder.finish();
    const Chosen chosen = find_chosen(bytes.bytes());
    CHECK(chosen.command_line.empty());
    CHECK(chosen.seed == 0);
    CHECK(chosen.seed_at == 0);
}

TEST_CASE("a tree that ends anywhere gives what is whole or nothing") {
    const ByteBuilder& bytes = tree_with_chosen();
    const auto whole = bytes.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Chosen chosen = find_chosen(whole.first(size));
        const bool nothing = chosen.command_line.empty();
        CHECK((nothing || chosen.command_line == "nokaslr log=debug"));
        CHECK(chosen.seed_at <= size);
    }
}

TEST_CASE("any word of the tree may be any value: the look ends, inside the tree") {
    ByteBuilder& bytes = tree_with_chosen();
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
        for (const std::uint32_t value : {0U, 0xffff'ffffU, 0xffff'ff7fU, 0x0000'0080U, 0x0100'0000U}) {
            std::uint32_t saved = 0;
            std::memcpy(&saved, bytes.bytes().data() + at, sizeof(saved));
            bytes.set(at, value);
            const Chosen chosen = find_chosen(bytes.bytes());
            CHECK(chosen.seed_at <= bytes.size());
            CHECK(chosen.command_line.size() <= bytes.size());
            bytes.set(at, saved);
        }
    }
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
