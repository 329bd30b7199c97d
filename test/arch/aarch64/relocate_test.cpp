// SPDX-License-Identifier: BSD-2-Clause
// Relocation by RELR tables made by hand: what is named is moved, its neighbours are not.
#include "boot/relocate.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

constexpr std::uint64_t slide = 0x12'3450'0000;

/// Words that hold their own numbers, and the "link-time" address of the first: where it is, less the slide.
struct Words {
    std::array<std::uint64_t, 200> words;
    std::uint64_t linked_at;

    Words()
        : words{}
        , linked_at{reinterpret_cast<std::uintptr_t>(words.data()) - slide} {
        for (std::size_t i = 0; i < words.size(); ++i) {
            words[i] = i;
        }
    }

    std::uint64_t place(std::size_t index) const { return linked_at + index * 8; }

    /// How many words moved by `slide`; any that changed otherwise counts as a thousand.
    std::size_t moved() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < words.size(); ++i) {
            count += words[i] == i ? 0 : words[i] == i + slide ? 1 : 1000;
        }
        return count;
    }
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("relocation moves single words") {
    Words words;
    const std::array entries{words.place(3), words.place(100)};
    aarch64::apply_relative_relocations(entries, slide);
    CHECK(words.words[3] == 3 + slide);
    CHECK(words.words[100] == 100 + slide);
    CHECK(words.moved() == 2);
}

TEST_CASE("relocation moves what bitmaps name, each of 63 words behind the one before") {
    Words words;
    constexpr std::uint64_t first_second_and_last = (1ULL << 1 | 1ULL << 2 | 1ULL << 63) | 1;
    constexpr std::uint64_t only_fifth = (1ULL << 5) | 1;
    const std::array entries{words.place(0), first_second_and_last, only_fifth, words.place(199)};
    aarch64::apply_relative_relocations(entries, slide);
    for (const std::size_t moved : {0U, 1U, 2U, 63U, 64U + 4U, 199U}) {
        CAPTURE(moved);
        CHECK(words.words[moved] == moved + slide);
    }
    CHECK(words.moved() == 6);
}

TEST_CASE("an empty relocation table moves nothing") {
    Words words;
    aarch64::apply_relative_relocations({}, slide);
    CHECK(words.moved() == 0);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
