// SPDX-License-Identifier: BSD-2-Clause
// The libc subset, over every small length and alignment against byte-by-byte references. On the host, whose
// libc has the same names, this file and the functions are compiled under others (-Dmemcpy=heddle_memcpy …).
#include "lib/freestanding/string.hpp"

#include <array>
#include <climits>
#include <doctest/doctest.h>
#include <string_view>

namespace heddle::test {
namespace {

// Through pointers that the compiler must load: it knows these functions too well to call them otherwise.
#define UNDER_TEST(function) decltype(&::function) volatile function = ::function
UNDER_TEST(memcpy);
UNDER_TEST(memmove);
UNDER_TEST(memset);
UNDER_TEST(memcmp);
UNDER_TEST(bcmp);
UNDER_TEST(memchr);
UNDER_TEST(strlen);
UNDER_TEST(strnlen);
UNDER_TEST(strcmp);
UNDER_TEST(strncmp);
UNDER_TEST(strchr);
UNDER_TEST(strrchr);
UNDER_TEST(strstr);
UNDER_TEST(strtoul);

using Bytes = std::array<unsigned char, 96>;

/// 1, 2, 3 …: no two neighbours alike, no zero.
constexpr Bytes ramp() {
    Bytes bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<unsigned char>(i + 1);
    }
    return bytes;
}

/// What moving `count` bytes from `from` to `to` within `bytes` should leave.
Bytes moved(const Bytes& bytes, std::size_t to, std::size_t from, std::size_t count) {
    Bytes result = bytes;
    for (std::size_t i = 0; i < count; ++i) {
        result[to + i] = bytes[from + i];
    }
    return result;
}

constexpr std::size_t most_count = 48;
constexpr std::size_t most_offset = 9;

int sign(int value) {
    return value < 0 ? -1 : value > 0 ? 1 : 0;
}

TEST_SUITE_BEGIN("lib/freestanding");

TEST_CASE("memcpy copies exactly its bytes at every alignment") {
    const Bytes source = ramp();
    unsigned wrong = 0;
    for (std::size_t to = 0; to < most_offset; ++to) {
        for (std::size_t from = 0; from < most_offset; ++from) {
            for (std::size_t count = 0; count <= most_count; ++count) {
                Bytes target{};
                Bytes expected{};
                for (std::size_t i = 0; i < count; ++i) {
                    expected[to + i] = source[from + i];
                }
                wrong +=
                    memcpy(&target[to], &source[from], count) != &target[to] || target != expected ? 1 : 0;
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("memmove moves overlapping bytes either way") {
    const Bytes original = ramp();
    unsigned wrong = 0;
    for (std::size_t to = 0; to < 24; ++to) {
        for (std::size_t from = 0; from < 24; ++from) {
            for (std::size_t count = 0; count <= most_count; ++count) {
                Bytes bytes = original;
                memmove(&bytes[to], &bytes[from], count);
                wrong += bytes != moved(original, to, from, count) ? 1 : 0;
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("memset sets exactly its bytes, to the value's lowest byte") {
    unsigned wrong = 0;
    for (std::size_t at = 0; at < most_offset; ++at) {
        for (std::size_t count = 0; count <= most_count; ++count) {
            Bytes bytes{};
            Bytes expected{};
            for (std::size_t i = 0; i < count; ++i) {
                expected[at + i] = 0xa5;
            }
            wrong += memset(&bytes[at], 0x7a5, count) != &bytes[at] || bytes != expected ? 1 : 0;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("memcmp finds the first difference, unsigned, and looks no further than its count") {
    const Bytes bytes = ramp();
    unsigned wrong = 0;
    for (std::size_t at = 0; at < most_count; ++at) {
        Bytes other = bytes;
        other[at] = 0xff;
        for (std::size_t count = 0; count <= most_count; ++count) {
            const int expected = at < count ? -1 : 0;
            wrong += sign(memcmp(bytes.data(), other.data(), count)) != expected ? 1 : 0;
            wrong += sign(memcmp(other.data(), bytes.data(), count)) != -expected ? 1 : 0;
            wrong += (bcmp(bytes.data(), other.data(), count) != 0) != (expected != 0) ? 1 : 0;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("memchr finds the first of its bytes, or nothing within the count") {
    const char text[] = "warp and weft";
    CHECK(memchr(text, 'w', 13) == text);
    CHECK(memchr(text, 'e', 13) == text + 10);
    CHECK(memchr(text, 'e', 10) == nullptr);
    CHECK(memchr(text, '\0', sizeof(text)) == text + 13);
    CHECK(memchr(text, 'p' + 256, 13) == text + 3);
    CHECK(memchr(text, 'w', 0) == nullptr);
}

TEST_CASE("strlen and strnlen count up to the zero, strnlen no further than its limit") {
    CHECK(strlen("") == 0);
    CHECK(strlen("loom") == 4);
    CHECK(strnlen("loom", 10) == 4);
    CHECK(strnlen("loom", 2) == 2);
    CHECK(strnlen("loom", 0) == 0);
}

TEST_CASE("strcmp and strncmp order by unsigned bytes") {
    CHECK(strcmp("a", "a") == 0);
    CHECK(strcmp("a", "b") < 0);
    CHECK(strcmp("ab", "a") > 0);
    CHECK(strcmp("", "a") < 0);
    CHECK(strcmp("\x80", "a") > 0);
    CHECK(strncmp("warp", "warm", 3) == 0);
    CHECK(strncmp("warp", "warm", 4) > 0);
    CHECK(strncmp("war", "war", 10) == 0);
    CHECK(strncmp("a", "b", 0) == 0);
    CHECK(strncmp("\x80", "a", 1) > 0);
}

TEST_CASE("strchr, strrchr and strstr point at what they found, the terminating zero included") {
    const char text[] = "shuttle";
    CHECK(strchr(text, 't') == text + 3);
    CHECK(strrchr(text, 't') == text + 4);
    CHECK(strchr(text, 'x') == nullptr);
    CHECK(strrchr(text, 'x') == nullptr);
    CHECK(strchr(text, '\0') == text + 7);
    CHECK(strrchr(text, '\0') == text + 7);
    CHECK(strstr(text, "tt") == text + 3);
    CHECK(strstr(text, "tle") == text + 4);
    CHECK(strstr(text, "") == text);
    CHECK(strstr(text, "shuttles") == nullptr);
}

struct Parsed {
    unsigned long value;
    std::size_t length;

    bool operator==(const Parsed&) const = default;
};

Parsed parse(const char* text, int base) {
    char* end = nullptr;
    const unsigned long value = strtoul(text, &end, base);
    return {value, static_cast<std::size_t>(end - text)};
}

TEST_CASE("strtoul reads signs, blanks, prefixes and every base, and stops where the number does") {
    CHECK(parse("42", 10) == Parsed{42, 2});
    CHECK(parse(" \t42x", 10) == Parsed{42, 4});
    CHECK(parse("+7", 0) == Parsed{7, 2});
    CHECK(parse("-1", 0) == Parsed{ULONG_MAX, 2});
    CHECK(parse("0x1F", 0) == Parsed{31, 4});
    CHECK(parse("0X1f", 16) == Parsed{31, 4});
    CHECK(parse("1f", 16) == Parsed{31, 2});
    CHECK(parse("010", 0) == Parsed{8, 3});
    CHECK(parse("09", 0) == Parsed{0, 1});
    CHECK(parse("0xg", 0) == Parsed{0, 1});
    CHECK(parse("zz", 36) == Parsed{35 * 36 + 35, 2});
    CHECK(parse("102", 2) == Parsed{2, 2});
}

TEST_CASE("strtoul says where nothing could be read, and what does not fit") {
    CHECK(parse("", 10) == Parsed{0, 0});
    CHECK(parse("  x", 10) == Parsed{0, 0});
    CHECK(parse("-", 10) == Parsed{0, 0});
    CHECK(parse("18446744073709551615", 10) == Parsed{ULONG_MAX, 20});
    CHECK(parse("18446744073709551616", 10) == Parsed{ULONG_MAX, 20});
    CHECK(parse("99999999999999999999999", 10) == Parsed{ULONG_MAX, 23});
    CHECK(strtoul("5", nullptr, 10) == 5);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
