// SPDX-License-Identifier: BSD-2-Clause
// The scan for \_S5_: found in each encoding, and nothing believed that is not a definition.
#include "dev/acpi/sleep_package.hpp"
#include "test/floor/floor.hpp"

#include <cstring>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using dev::acpi::find_soft_off;

auto soft_off(std::string_view aml) {
    return find_soft_off(std::as_bytes(std::span{aml}));
}

template <std::size_t Size>
constexpr std::string_view bytes(const char (&literal)[Size]) {
    return {literal, Size - 1};
}

TEST_SUITE_BEGIN("dev/acpi/sleep_package");

TEST_CASE("QEMU's definition is read") {
    const auto types = soft_off(bytes("xy\x08_S5_\x12\x06\x04\x05\x06\x00\x00"));
    CHECK_FALSE(types.has_value()); // 5 and 6 are no AML constants
    const auto zeros = soft_off(bytes("xy\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
    REQUIRE(zeros.has_value());
    CHECK(zeros->a == 0);
    CHECK(zeros->b == 0);
}

TEST_CASE("constants of every size are read") {
    const auto types = soft_off(bytes("\x08\\_S5_\x12\x08\x02\x0a\x05\x0b\x03\x00"));
    REQUIRE(types.has_value());
    CHECK(types->a == 5);
    CHECK(types->b == 3);
    const auto others = soft_off(bytes("\x08_S5_\x12\x0a\x02\x01\x0c\x07\x00\x00\x00"));
    REQUIRE(others.has_value());
    CHECK(others->a == 1);
    CHECK(others->b == 7);
}

TEST_CASE("a long package length and a single element are fine") {
    const auto types = soft_off(bytes("\x08_S5_\x12\x46\x00\x01\x0a\x07"));
    REQUIRE(types.has_value());
    CHECK(types->a == 7);
    CHECK(types->b == 0);
}

TEST_CASE("the name is found at any distance from the start") {
    std::array<char, 40> aml{};
    constexpr std::string_view definition = bytes("\x08_S5_\x12\x04\x02\x01\x01");
    for (std::size_t at = 0; at + definition.size() <= aml.size(); ++at) {
        aml.fill('_');
        std::memcpy(aml.data() + at, definition.data(), definition.size());
        CHECK(soft_off({aml.data(), aml.size()}).has_value());
        aml.fill('S');
        std::memcpy(aml.data() + at, definition.data(), definition.size());
        CHECK(soft_off({aml.data(), aml.size()}).has_value());
    }
}

TEST_CASE("what is no definition is passed over") {
    CHECK_FALSE(soft_off("").has_value());
    CHECK_FALSE(soft_off("_S5").has_value());
    CHECK_FALSE(soft_off("_S5_").has_value());
    CHECK_FALSE(soft_off(bytes("_S5_\x12\x04\x02\x01\x01")).has_value());         // a reference
    CHECK_FALSE(soft_off(bytes("\x08_S4_\x12\x04\x02\x01\x01")).has_value());     // another state
    CHECK_FALSE(soft_off(bytes("\x08_S5_\x13\x04\x02\x01\x01")).has_value());     // no package
    CHECK_FALSE(soft_off(bytes("\x08_S5_\x12\x04\x00")).has_value());             // an empty one
    CHECK_FALSE(soft_off(bytes("\x08_S5_\x12\x04\x02\x0a\x08\x00")).has_value()); // 8 does not fit three bits
    const auto second = soft_off(bytes("\x08_S5_\x12\x08_S5_\x12\x04\x02\x01\x01"));
    CHECK(second.has_value());
}

TEST_CASE("a definition cut anywhere is passed over") {
    constexpr std::string_view definition = bytes("\x08_S5_\x12\x08\x02\x0a\x05\x0b\x03\x00");
    for (std::size_t size = 0; size < definition.size(); ++size) {
        CHECK_FALSE(soft_off(definition.substr(0, size)).has_value());
    }
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
