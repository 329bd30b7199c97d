// SPDX-License-Identifier: BSD-2-Clause
// doctest in the kernel: the parts of it and of the port that the other suites lean on.
#include "test/floor/floor.hpp"
#include "test/port/arena.hpp"

#include <doctest/doctest.h>
#include <iomanip>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace heddle::test {
namespace {

constinit unsigned ways_through = 0;

TEST_CASE("each subcase gets a way through its case of its own") {
    ++ways_through;
    int a = 0;
    SUBCASE("one") {
        a = 1;
    }
    SUBCASE("two") {
        a = 2;
        SUBCASE("with an inner one") {
            a = 3;
        }
    }
    CHECK(a == (ways_through == 1 ? 1 : 3));
    CHECK(ways_through <= 2);
}

constinit bool after_require = false;
constinit bool after_nested_require = false;
constinit unsigned ways_into_require = 0;

TEST_CASE("a failed REQUIRE fails its case and ends it" * doctest::expected_failures(1) *
          doctest::no_output()) {
    REQUIRE(1 + 1 == 3);
    after_require = true;
}

void require_in_a_function(int value) {
    INFO("value " << value);
    REQUIRE(value == 0);
    after_nested_require = true;
}

TEST_CASE("a failed REQUIRE ends its case from inside a function, a subcase and a context" *
          doctest::expected_failures(1) * doctest::no_output()) {
    ++ways_into_require;
    INFO("outer context");
    SUBCASE("passes") {
        require_in_a_function(0);
    }
    SUBCASE("fails") {
        after_nested_require = false;
        require_in_a_function(2);
    }
    CHECK(after_nested_require);
}

TEST_CASE("FAIL ends its case" * doctest::expected_failures(1) * doctest::no_output()) {
    FAIL("on purpose");
    after_require = true;
}

constinit unsigned later_run = 0;

TEST_CASE("a REQUIRE that fails before the subcase it was run again for does not run the case for ever" *
          doctest::expected_failures(1) * doctest::no_output()) {
    ++later_run;
    REQUIRE(later_run == 1);
    SUBCASE("one") {
        CHECK(later_run == 1);
    }
    SUBCASE("two") {
        CHECK(later_run == 0);
    }
}

TEST_CASE("the cases above ended where they should") {
    CHECK_FALSE(after_require);
    CHECK_FALSE(after_nested_require);
    CHECK(ways_into_require == 2);
    CHECK(later_run == 2);
    CHECK(doctest::IReporter::get_num_active_contexts() == 0);
}

TEST_CASE("a case that is marked to be skipped does not run" * doctest::skip()) {
    FAIL("it ran");
}

TEST_CASE("failures print both values in words or digits") {
    CHECK(doctest::toString(-42) == "-42");
    CHECK(doctest::toString(0xffff'ffff'ffff'ffffU) == "18446744073709551615");
    CHECK(doctest::toString(true) == "true");
    CHECK(doctest::toString(std::string_view{"thread"}) == "thread");
    CHECK(doctest::toString(std::string{"loom"}) == "loom");
    CHECK(doctest::toString(VirtAddr{0xffff8000}) == "0xffff8000");
    CHECK(doctest::toString(Nanoseconds{12}) == "12");
    CHECK(toString(Error::busy) == "busy");
}

TEST_CASE("streams format integers with width, fill and base") {
    std::ostringstream stream;
    stream << std::setw(5) << 42 << '|' << std::left << std::setw(4) << 7 << '|' << std::right
           << std::setfill('0') << std::setw(4) << std::hex << std::uppercase << 0xab << '|' << -1 << '|'
           << std::dec << -1;
    CHECK(stream.str() == "   42|7   |00AB|FFFFFFFF|-1");
}

TEST_CASE("a string stream is read from where it was rewound to, and written over from there") {
    std::stringstream stream;
    stream << "warp";
    const std::streampos mark = stream.tellp();
    stream << "weft";
    stream.rdbuf()->pubseekpos(mark);
    char text[4]{};
    stream.read(text, 4);
    CHECK(std::string_view{text, 4} == "weft");
    stream << "beam";
    CHECK(stream.str() == "warpbeam");
    CHECK(stream.get() == std::char_traits<char>::eof());
    CHECK(stream.fail());
}

TEST_CASE("libstdc++'s trees over Boost's algorithms keep their order through 4000 seeded changes") {
    std::set<std::uint64_t> tree;
    std::vector<bool> present(512);
    for (int i = 0; i < 4000; ++i) {
        const std::uint64_t key = random().below(present.size());
        if (random().below(2) == 0) {
            CHECK(tree.insert(key).second == !present[key]);
            present[key] = true;
        } else {
            CHECK(tree.erase(key) == (present[key] ? 1 : 0));
            present[key] = false;
        }
    }
    std::vector<std::uint64_t> expected;
    for (std::size_t key = 0; key < present.size(); ++key) {
        if (present[key]) {
            expected.push_back(key);
        }
    }
    CHECK(std::vector<std::uint64_t>(tree.begin(), tree.end()) == expected);
    CHECK(std::vector<std::uint64_t>(tree.rbegin(), tree.rend()) ==
          std::vector<std::uint64_t>(expected.rbegin(), expected.rend()));
}

TEST_CASE("the arena gives a freed block out again, aligned, and says when it is full") {
    alignas(16) std::byte memory[1024];
    port::Arena arena{memory, sizeof(memory)};
    void* first = arena.allocate(100);
    REQUIRE(first != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(first) % 16 == 0);
    void* second = arena.allocate(100);
    CHECK(second != first);
    arena.deallocate(first);
    CHECK(arena.allocate(97) == first);
    CHECK(arena.live() == 2);
    CHECK(arena.allocate(1024) == nullptr);
    CHECK(arena.allocate(SIZE_MAX / 2) == nullptr);
    unsigned blocks = 2;
    while (arena.allocate(100) != nullptr) {
        ++blocks;
    }
    CHECK(blocks == sizeof(memory) / 128);
}

TEST_CASE("a case's random numbers come from the run's seed and its own name") {
    const std::uint64_t first = random().next();
    detail::start_case("a case's random numbers come from the run's seed and its own name");
    CHECK(random().next() == first);
    detail::start_case("another");
    CHECK(random().next() != first);
    for (int i = 0; i < 100; ++i) {
        const std::uint64_t drawn = random().between(3, 5);
        CHECK(drawn >= 3);
        CHECK(drawn <= 5);
    }
}

TEST_CASE("a case that expects a panic panics" * expect_panic("on purpose, in a boot of its own")) {
    port::fatal("on purpose, in a boot of its own");
}

TEST_CASE_TEMPLATE("a case template runs once for each type", T, std::uint8_t, std::uint64_t) {
    CHECK(static_cast<T>(-1) > 0);
}

} // namespace
} // namespace heddle::test
