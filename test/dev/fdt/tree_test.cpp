// SPDX-License-Identifier: BSD-2-Clause
// The checked walk over a device tree: what a visit sees, and that a tree which is wrong anywhere is refused,
// with an end.
#include "dev/fdt/tree.hpp"
#include "test/dev/fdt/tree_builder.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using dev::fdt::Key;
using dev::fdt::Node;
using dev::fdt::Tree;
using dev::fdt::TreeProblem;

/// Walks a tree that must be refused; why it was.
std::string_view refusal(const ByteBuilder& bytes) {
    TreeProblem problem;
    const auto tree = Tree::open(bytes.bytes(), problem);
    if (tree) {
        CHECK_FALSE(tree->for_each_node(problem, [](const Node&) {}).has_value());
    }
    return problem.what;
}

TEST_SUITE_BEGIN("dev/fdt/tree");

TEST_CASE("a walk visits every node, parents first, with its properties") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    builder.property("#address-cells", {2});
    builder.property("#size-cells", {2});
    builder.begin("uart@9000000");
    builder.property("reg", {0, 0x9000000, 0, 0x1000, 1, 0, 0, 0x10});
    builder.property("compatible", "arm,pl011", "arm,primecell");
    builder.property("interrupts", {0, 1, 4, 1, 13, 4, 0, 988, 4, 2, 1, 4});
    builder.property("status", "disabled");
    builder.end();
    builder.begin("bus");
    builder.property("ranges", {0, 0, 0x1000, 0x1000});
    builder.begin("child");
    builder.property("reg", {0x10, 0x20});
    builder.end();
    builder.end();
    builder.finish();

    TreeProblem problem;
    const auto tree = Tree::open(bytes.bytes(), problem);
    REQUIRE(tree.has_value());
    std::size_t visited = 0;
    const auto walked = tree->for_each_node(problem, [&](const Node& node) {
        constexpr std::string_view names[] = {"", "uart@9000000", "bus", "child"};
        REQUIRE(visited < 4);
        CHECK(node.name == names[visited]);
        if (++visited == 2) {
            CHECK(node.depth == 1);
            CHECK_FALSE(node.enabled);
            REQUIRE(node.range(0).has_value());
            CHECK(node.range(0)->base == 0x9000000);
            CHECK(node.range(0)->size == 0x1000);
            REQUIRE(node.range(1).has_value());
            CHECK(node.range(1)->base == 0x1'0000'0000);
            CHECK_FALSE(node.range(2).has_value());
            CHECK(node.is_compatible("arm,pl011"));
            CHECK(node.is_compatible("arm,primecell"));
            CHECK_FALSE(node.is_compatible("arm"));
            CHECK(node.interrupt(0) == 33);
            CHECK(node.interrupt(1) == 29);
            CHECK_FALSE(node.interrupt(2).has_value()); // beyond the last shared interrupt
            CHECK_FALSE(node.interrupt(3).has_value()); // a type nobody knows
            CHECK_FALSE(node.interrupt(4).has_value());
            CHECK_FALSE(node.value(Key::ranges).has_value());
        }
        if (visited == 4) {
            CHECK(node.depth == 2);
            CHECK_FALSE(node.translated);
            CHECK_FALSE(node.range(0).has_value()); // the bus translates
        }
    });
    CHECK(walked.has_value());
    CHECK(visited == 4);
}

TEST_CASE("a reg that wraps or is wider than 64 bits is none") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    builder.property("#address-cells", {2});
    builder.property("#size-cells", {2});
    builder.begin("wraps");
    builder.property("reg", {0xffffffff, 0xffffffff, 0, 2});
    builder.end();
    builder.begin("wide");
    builder.property("#address-cells", {3});
    builder.property("ranges", {});
    builder.begin("inner");
    builder.property("reg", {0, 0, 1, 2});
    builder.end();
    builder.end();
    builder.begin("absurd");
    builder.property("#address-cells", {0xffffffff});
    builder.property("#size-cells", {0xffffffff});
    builder.property("ranges", {});
    builder.begin("inner");
    builder.property("reg", {0, 0, 1, 2});
    builder.end();
    builder.end();
    builder.finish();
    TreeProblem problem;
    const auto tree = Tree::open(bytes.bytes(), problem);
    REQUIRE(tree.has_value());
    std::size_t visited = 0;
    CHECK(tree->for_each_node(problem,
                              [&](const Node& node) {
                                  ++visited;
                                  CHECK_FALSE(node.range(0).has_value());
                              })
              .has_value());
    CHECK(visited == 6);
}

TEST_CASE("a stdout-path is a path or an alias, with options") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    const std::size_t uart = builder.begin("uart@9000000") - builder.structure();
    builder.end();
    builder.begin("aliases");
    builder.property("serial0", "/uart@9000000");
    builder.property("self", "self");
    builder.property("other", "serial0");
    builder.end();
    builder.finish();
    TreeProblem problem;
    const auto tree = Tree::open(bytes.bytes(), problem);
    REQUIRE(tree.has_value());
    REQUIRE(tree->for_each_node(problem, [](const Node&) {}).has_value());
    const int expected = static_cast<int>(uart);
    CHECK(tree->node_at("/uart@9000000") == expected);
    CHECK(tree->node_at("/uart@9000000:115200n8") == expected);
    CHECK(tree->node_at("serial0") == expected);
    CHECK(tree->node_at("serial0:115200") == expected);
    CHECK_FALSE(tree->node_at("self").has_value());  // libfdt alone would not come back
    CHECK_FALSE(tree->node_at("other").has_value()); // an alias of an alias is none
    CHECK_FALSE(tree->node_at("serial1").has_value());
    CHECK_FALSE(tree->node_at("/nobody").has_value());
    CHECK_FALSE(tree->node_at("").has_value());
}

TEST_CASE("reservations are read up to the empty one") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.reserve(0x40000000, 0x1000);
    builder.reserve(0x1'0000'0000, 0x2000);
    builder.begin("");
    builder.finish();
    TreeProblem problem;
    const auto tree = Tree::open(bytes.bytes(), problem);
    REQUIRE(tree.has_value());
    REQUIRE(tree->reservation(1).has_value());
    CHECK(tree->reservation(1)->base == 0x1'0000'0000);
    CHECK(tree->reservation(1)->size == 0x2000);
    CHECK_FALSE(tree->reservation(2).has_value());
    CHECK_FALSE(tree->reservation(SIZE_MAX).has_value());
}

TEST_CASE("a header that is wrong is refused, with the reason") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    builder.finish();
    SUBCASE("magic") {
        builder.header(TreeBuilder::magic_field, 0xd00dfeee);
        CHECK(refusal(bytes) == "wrong magic number");
    }
    SUBCASE("an old version") {
        builder.header(TreeBuilder::version_field, 16);
        CHECK(refusal(bytes) == "a version that is not 17");
    }
    SUBCASE("a version that is too new to be compatible") {
        builder.header(TreeBuilder::version_field, 18);
        builder.header(TreeBuilder::compatible_version_field, 18);
        CHECK(refusal(bytes) == "a version that is not 17");
    }
    SUBCASE("a total size beyond the bytes") {
        builder.header(TreeBuilder::size_field, bytes.size() + 4);
        CHECK(refusal(bytes) == "truncated");
    }
    SUBCASE("blocks beyond the total size") {
        builder.header(TreeBuilder::structure_field, 0x7ffffff0);
        CHECK(refusal(bytes) == "truncated");
    }
    SUBCASE("a structure that is not aligned") {
        builder.header(TreeBuilder::structure_field, builder.structure() - 2);
        CHECK(refusal(bytes) == "not aligned to 8 bytes");
    }
    SUBCASE("fewer bytes than a header") {
        TreeProblem problem;
        CHECK_FALSE(Tree::open(bytes.bytes().first(TreeBuilder::header_size - 1), problem).has_value());
        CHECK(problem.what == "truncated");
    }
    SUBCASE("bytes that are not aligned") {
        TreeProblem problem;
        CHECK_FALSE(Tree::open(bytes.bytes().subspan(4), problem).has_value());
        CHECK(problem.what == "not aligned to 8 bytes");
    }
}

TEST_CASE("a structure that is wrong is refused, with the reason") {
    ByteBuilder& bytes = fresh_bytes();
    TreeBuilder builder{bytes};
    builder.begin("");
    const std::size_t property = builder.property("reg", {1, 2});
    SUBCASE("a tag that does not exist") {
        builder.cell(0x77);
        builder.finish();
        CHECK(refusal(bytes) == "a tag that does not exist or does not fit");
    }
    SUBCASE("no end") {
        builder.end();
        builder.finish_header();
        builder.header(36, builder.structure()); // the strings count as structure, too
        CHECK_FALSE(refusal(bytes).empty());
    }
    SUBCASE("an end inside a node") {
        builder.cell(9);
        builder.finish();
        CHECK(refusal(bytes) == "the structure ends inside a node");
    }
    SUBCASE("a property after a child") {
        builder.begin("child");
        builder.end();
        builder.property("reg", {1});
        builder.finish();
        CHECK(refusal(bytes) == "a property outside a node, or after a node's children");
    }
    SUBCASE("a length that leads backwards") {
        builder.finish();
        // libfdt's next-tag step adds 12 to it and would come back to the same tag for ever.
        bytes.set(property + 4, std::byteswap(std::uint32_t{0xfffffff4}));
        CHECK(refusal(bytes) == "a tag that does not exist or does not fit");
    }
    SUBCASE("a length beyond the structure") {
        builder.finish();
        bytes.set(property + 4, std::byteswap(std::uint32_t{0x100}));
        CHECK_FALSE(refusal(bytes).empty());
    }
    SUBCASE("a name beyond the strings") {
        builder.finish();
        bytes.set(property + 8, std::byteswap(std::uint32_t{0x1000}));
        CHECK(refusal(bytes) == "a name or property out of bounds");
    }
    SUBCASE("a nest too deep") {
        for (int i = 0; i < 16; ++i) {
            builder.begin("deep");
        }
        for (int i = 0; i < 16; ++i) {
            builder.end();
        }
        builder.finish();
        CHECK(refusal(bytes) == "nodes are nested too deep");
    }
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
