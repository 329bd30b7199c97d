// SPDX-License-Identifier: BSD-2-Clause
// The exception syndrome in words.
#include "test/floor/floor.hpp"
#include "trap/exception.hpp"

#include <array>
#include <doctest/doctest.h>
#include <string>

namespace heddle::test {
namespace {

std::string words(std::uint64_t syndrome) {
    std::array<char, 160> buffer;
    BufferWriter writer{buffer};
    aarch64::describe(writer, aarch64::Syndrome{syndrome}, 0xffff'8000'0000'1000);
    return std::string{writer.text()};
}

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("syndromes are decoded: class, direction, address, kind of fault, level") {
    CHECK(words(0x9600'0046) == "data abort: write to 0xffff800000001000: translation fault, level 2");
    CHECK(words(0x9600'000f) == "data abort: read of 0xffff800000001000: permission fault, level 3");
    CHECK(words(0x9600'0021) == "data abort: read of 0xffff800000001000: alignment fault");
    CHECK(words(0x9600'0410) == "data abort: external abort"); // FAR not valid
    CHECK(words(0x8600'000e) ==
          "instruction abort: fetch from 0xffff800000001000: permission fault, level 2");
    CHECK(words(0x8200'0004) ==
          "instruction abort in user mode: fetch from 0xffff800000001000: translation fault, level 0");
    CHECK(words(0xf200'0001) == "breakpoint (BRK)");
    CHECK(words(0x0200'0000) == "undefined instruction");
    CHECK(words(0x5600'0000) == "system call (SVC)");
    CHECK(words(0x3600'0000) == "branch to what is no branch target");
    CHECK(words(0xfc00'0000) == "unknown exception");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
