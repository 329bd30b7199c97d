// SPDX-License-Identifier: BSD-2-Clause
// The command line: words, quotes as GRUB and QEMU deliver them, numbers, and what a misspelt key was meant
// to be.
#include "core/boot/command_line.hpp"
#include "test/floor/floor.hpp"

#include <cstring>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::boot::CommandLine;
using core::boot::is_known;
using core::boot::nearest_option;
using core::boot::Option;

constexpr Option options[] = {{"exit", ""}, {"log", ""}, {"scheduler", ""}, {"doctest.", ""}};

TEST_SUITE_BEGIN("core/boot/command_line");

TEST_CASE("words are split at blanks of any kind and number") {
    std::string_view rest = "  a=1\tb \n c= ";
    const auto a = CommandLine::next(rest);
    REQUIRE(a.has_value());
    CHECK(a->key == "a");
    CHECK(a->value == "1");
    CHECK(a->has_value);
    const auto b = CommandLine::next(rest);
    REQUIRE(b.has_value());
    CHECK(b->key == "b");
    CHECK(b->value == "");
    CHECK_FALSE(b->has_value);
    const auto c = CommandLine::next(rest);
    REQUIRE(c.has_value());
    CHECK(c->key == "c");
    CHECK(c->value == "");
    CHECK(c->has_value);
    CHECK_FALSE(CommandLine::next(rest).has_value());
    CHECK_FALSE(CommandLine::next(rest).has_value());
}

TEST_CASE("quotes keep blanks, around the value or around the whole word") {
    CHECK(CommandLine{"doctest.test-case=\"a b\" x=1"}.value("doctest.test-case") == "a b");
    CHECK(CommandLine{"\"doctest.test-case=a b\" x=1"}.value("doctest.test-case") == "a b");
    CHECK(CommandLine{"\"doctest.test-case=a b\" x=1"}.value("x") == "1");
    CHECK(CommandLine{"a=\"\" b=2"}.value("a") == "");
    CHECK(CommandLine{"a=\"\" b=2"}.value("b") == "2");
    CHECK(CommandLine{"a=x\"y z\" b=2"}.value("a") == "x\"y z\"");
}

TEST_CASE("a quote without its other half reaches to the end") {
    CHECK(CommandLine{"a=\"b c=d"}.value("a") == "b c=d");
    CHECK(CommandLine{"\"a=b c=d"}.value("a") == "b c=d");
    CHECK(CommandLine{"a=\""}.value("a") == "");
    CHECK(CommandLine{"\""}.value("") == std::nullopt);
}

TEST_CASE("a backslash takes the meaning from a quote and a blank, and stays") {
    CHECK(CommandLine{"a=\\\"b c=d"}.value("a") == "\\\"b");
    CHECK(CommandLine{"a=\\\"b c=d"}.value("c") == "d");
    CHECK(CommandLine{"a=b\\ c d=e"}.value("a") == "b\\ c");
    CHECK(CommandLine{"a=b\\"}.value("a") == "b\\");
}

TEST_CASE("the last assignment of a key counts, bare words do not") {
    constexpr CommandLine line{"log=info x log=debug log"};
    CHECK(line.value("log") == "debug");
    CHECK(line.value("x") == std::nullopt);
    CHECK(line.value("lo") == std::nullopt);
}

TEST_CASE("only the first equals sign divides") {
    CHECK(CommandLine{"a=b=c"}.value("a") == "b=c");
    CHECK(CommandLine{"=x"}.value("") == "x");
}

TEST_CASE("numbers are decimal or hexadecimal and fit") {
    constexpr CommandLine line{
        "a=42 b=0x1F c=18446744073709551615 d=18446744073709551616 e=0xffffffffffffffff "
        "f=0x10000000000000000 g= h=0x i=4x j=-1 k l=1a"};
    CHECK(line.number("a") == 42);
    CHECK(line.number("b") == 31);
    CHECK(line.number("c") == UINT64_MAX);
    CHECK(line.number("e") == UINT64_MAX);
    for (const std::string_view key : {"d", "f", "g", "h", "i", "j", "l"}) {
        CHECK(line.number(key).error() == Error::malformed);
    }
    CHECK(line.number("k").error() == Error::not_found);
    CHECK(line.number("z").error() == Error::not_found);
}

TEST_CASE("a key is known by its name or by an option that is its prefix") {
    CHECK(is_known("exit", options));
    CHECK(is_known("doctest.test-case", options));
    CHECK_FALSE(is_known("exi", options));
    CHECK_FALSE(is_known("exits", options));
    CHECK_FALSE(is_known("doctest", options));
    CHECK_FALSE(is_known("", options));
}

TEST_CASE("a misspelt key finds the option that was meant") {
    CHECK(nearest_option("exitt", options) == "exit");
    CHECK(nearest_option("xit", options) == "exit");
    CHECK(nearest_option("lgo", options) == std::nullopt); // two edits of three letters
    CHECK(nearest_option("lg", options) == "log");
    CHECK(nearest_option("shceduler", options) == "scheduler");
    CHECK(nearest_option("doctets.test-case", options) == "doctest.");
    CHECK(nearest_option("something", options) == std::nullopt);
    CHECK(nearest_option("", options) == std::nullopt);
    CHECK(nearest_option("exit", {}) == std::nullopt);
}

TEST_CASE("a key of any length is compared safely") {
    char key[300];
    std::memset(key, 'e', sizeof(key));
    CHECK(nearest_option({key, sizeof(key)}, options) == std::nullopt);
    std::memcpy(key + 100, ".", 1);
    CHECK(nearest_option({key, sizeof(key)}, options) == std::nullopt);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
