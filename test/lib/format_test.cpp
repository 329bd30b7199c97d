// SPDX-License-Identifier: BSD-2-Clause
// Formatting: every specification, every kind of argument, and the edges of a buffer. Bad formats do not
// compile.
#include "lib/format.hpp"
#include "test/floor/floor.hpp"

#include <cstdint>
#include <doctest/doctest.h>
#include <string>

namespace heddle::test {
namespace {

template <class... Arguments>
std::string formatted(FormatString<std::type_identity_t<Arguments>...> format,
                      const Arguments&... arguments) {
    char buffer[128];
    BufferWriter writer{buffer};
    format_to(writer, format, arguments...);
    CHECK_FALSE(writer.truncated());
    return std::string{writer.text()};
}

TEST_SUITE_BEGIN("lib/format");

TEST_CASE("text goes through, doubled braces stand for single ones") {
    CHECK(formatted("") == "");
    CHECK(formatted("plain") == "plain");
    CHECK(formatted("{{}}") == "{}");
    CHECK(formatted("a{{{}}}b", 1) == "a{1}b");
}

TEST_CASE("integers of every width print to their limits") {
    CHECK(formatted("{}", 0) == "0");
    CHECK(formatted("{}", std::int8_t{-128}) == "-128");
    CHECK(formatted("{}", INT64_MIN) == "-9223372036854775808");
    CHECK(formatted("{}", INT64_MAX) == "9223372036854775807");
    CHECK(formatted("{}", UINT64_MAX) == "18446744073709551615");
    CHECK(formatted("{} {}", std::uint8_t{255}, std::uint16_t{65535}) == "255 65535");
}

TEST_CASE("hexadecimal, with and without prefix") {
    CHECK(formatted("{:x}", 0) == "0");
    CHECK(formatted("{:x}", 0xdead'beefU) == "deadbeef");
    CHECK(formatted("{:#x}", 255) == "0xff");
    CHECK(formatted("{:#x}", UINT64_MAX) == "0xffffffffffffffff");
    CHECK(formatted("{:#x}", -16) == "-0x10");
}

TEST_CASE("width: numbers lean right, text leans left, unless told otherwise") {
    CHECK(formatted("[{:5}]", 42) == "[   42]");
    CHECK(formatted("[{:<5}]", 42) == "[42   ]");
    CHECK(formatted("[{:5}]", "ab") == "[ab   ]");
    CHECK(formatted("[{:>5}]", "ab") == "[   ab]");
    CHECK(formatted("[{:2}]", 12345) == "[12345]");
    CHECK(formatted("[{:12}]", -7) == "[          -7]");
}

TEST_CASE("zeros fill between sign or prefix and digits") {
    CHECK(formatted("{:05}", 42) == "00042");
    CHECK(formatted("{:05}", -42) == "-0042");
    CHECK(formatted("{:08x}", 0xabcU) == "00000abc");
    CHECK(formatted("{:#010x}", 0xabcU) == "0x00000abc");
}

TEST_CASE("text, characters, booleans, pointers, units and errors") {
    const char* nothing = nullptr;
    CHECK(formatted("{}", std::string_view{"view"}) == "view");
    CHECK(formatted("{}", nothing) == "(null)");
    CHECK(formatted("{}{}", 'o', 'k') == "ok");
    CHECK(formatted("{} {}", true, false) == "true false");
    CHECK(formatted("{}", reinterpret_cast<const void*>(0x1000)) == "0x1000");
    CHECK(formatted("{}", PhysAddr{0xfee00000}) == "0xfee00000");
    CHECK(formatted("{}", VirtAddr{0xffff'8000'0000'0000}) == "0xffff800000000000");
    CHECK(formatted("{}", CpuId{3}) == "3");
    CHECK(formatted("{}", Nanoseconds{1'000'000}) == "1000000");
    CHECK(formatted("{}", Error::out_of_memory) == "out of memory");
}

TEST_CASE("a full buffer cuts the text and says so") {
    char buffer[4];
    BufferWriter writer{buffer};
    format_to(writer, "{}", 1234);
    CHECK(writer.text() == "1234");
    CHECK_FALSE(writer.truncated());
    format_to(writer, "5");
    CHECK(writer.text() == "1234");
    CHECK(writer.truncated());
    BufferWriter empty{{}};
    empty.write("x");
    CHECK(empty.text().empty());
    CHECK(empty.truncated());
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
