// SPDX-License-Identifier: BSD-2-Clause
// The cursor over untrusted bytes: what it reads, and that a failed read moves nothing.
#include "lib/bytes.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <cstdint>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

constexpr std::array bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                           std::byte{5}, std::byte{6}, std::byte{7}};

TEST_SUITE_BEGIN("lib/bytes");

TEST_CASE("reads little-endian values one after the other, at any alignment") {
    ByteReader reader{bytes};
    CHECK(reader.read<std::uint8_t>() == 1);
    CHECK(reader.read<std::uint32_t>() == 0x05040302);
    CHECK(reader.position() == 5);
    CHECK(reader.remaining() == 2);
    CHECK(reader.read<std::uint16_t>() == 0x0706);
    CHECK(reader.remaining() == 0);
}

TEST_CASE("reading or taking beyond the end is malformed and moves nothing") {
    ByteReader reader{bytes};
    REQUIRE(reader.take(4).has_value());
    CHECK(reader.read<std::uint32_t>() == fail(Error::malformed));
    CHECK(reader.position() == 4);
    CHECK(reader.take(4).error() == Error::malformed);
    CHECK(reader.take(SIZE_MAX).error() == Error::malformed);
    CHECK(reader.position() == 4);
    CHECK(reader.read<std::uint16_t>() == 0x0605);
    CHECK(ByteReader{{}}.read<std::uint8_t>().error() == Error::malformed);
}

TEST_CASE("take gives the bytes in place") {
    ByteReader reader{bytes};
    const auto taken = reader.take(3);
    REQUIRE(taken.has_value());
    CHECK(taken->data() == bytes.data());
    CHECK(taken->size() == 3);
    CHECK(reader.take(0)->empty());
}

TEST_CASE("align moves to the next multiple, at most to the end") {
    ByteReader reader{bytes};
    reader.align(4);
    CHECK(reader.position() == 0);
    REQUIRE(reader.take(1).has_value());
    reader.align(4);
    CHECK(reader.position() == 4);
    REQUIRE(reader.take(1).has_value());
    reader.align(8);
    CHECK(reader.position() == 7);
    CHECK(reader.remaining() == 0);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
