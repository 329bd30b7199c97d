// SPDX-License-Identifier: BSD-2-Clause
// Alignment and bit fields, at the edges of their types.
#include "lib/bits.hpp"

#include <cstdint>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

TEST_SUITE_BEGIN("lib/bits");

TEST_CASE("align_down and align_up reach the multiple on their side") {
    CHECK(align_down(0x1fffU, 0x1000U) == 0x1000);
    CHECK(align_down(0x1000U, 0x1000U) == 0x1000);
    CHECK(align_up(0x1001U, 0x1000U) == 0x2000);
    CHECK(align_up(0x1000U, 0x1000U) == 0x1000);
    CHECK(align_up(0U, 8U) == 0);
    CHECK(align_up(5U, 1U) == 5);
}

TEST_CASE("align_up wraps to 0 where the result does not fit") {
    CHECK(align_up(std::uint64_t{UINT64_MAX}, std::uint64_t{4096}) == 0);
    CHECK(align_down(std::uint64_t{UINT64_MAX}, std::uint64_t{4096}) == 0xffff'ffff'ffff'f000);
}

TEST_CASE("is_aligned") {
    CHECK(is_aligned(64U, 64U));
    CHECK(is_aligned(0U, 64U));
    CHECK_FALSE(is_aligned(63U, 64U));
    CHECK_FALSE(is_aligned(65U, 64U));
}

TEST_CASE("bits takes a field out, both ends included, up to the whole") {
    CHECK(bits(0xabcdU, 15, 12) == 0xa);
    CHECK(bits(0xabcdU, 3, 0) == 0xd);
    CHECK(bits(0x80U, 7, 7) == 1);
    CHECK(bits(std::uint64_t{UINT64_MAX}, 63, 0) == UINT64_MAX);
    CHECK(bits(std::uint64_t{1} << 63, 63, 63) == 1);
    CHECK(bits(std::uint64_t{0xffff'0000'0000'0000}, 62, 48) == 0x7fff);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
