// SPDX-License-Identifier: BSD-2-Clause
// Result and TRY: values come through, errors return at once, move-only values are moved.
#include "lib/result.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>
#include <string_view>
#include <utility>

namespace heddle::test {
namespace {

class MoveOnly {
  public:
    explicit MoveOnly(int value)
        : value_{value} {}

    MoveOnly(MoveOnly&& other)
        : value_{std::exchange(other.value_, -1)} {}

    MoveOnly(const MoveOnly&) = delete;
    MoveOnly& operator=(const MoveOnly&) = delete;

    int value() const { return value_; }

  private:
    int value_;
};

constinit int steps = 0;

Result<int> number(bool good) {
    ++steps;
    return good ? Result<int>{20} : fail(Error::busy);
}

Result<void> check(bool good) {
    ++steps;
    return good ? Result<void>{} : fail(Error::io_error);
}

Result<MoveOnly> make(int value) {
    return MoveOnly{value};
}

Result<int> sum(bool first, bool second, bool third) {
    const int a = TRY(number(first));
    TRY(check(second));
    return a + TRY(number(third)) + 2;
}

Result<MoveOnly> pass_on(int value) {
    MoveOnly object = TRY(make(value));
    return object;
}

TEST_SUITE_BEGIN("lib/result");

TEST_CASE("TRY gives the values when all goes well") {
    steps = 0;
    CHECK(sum(true, true, true) == 42);
    CHECK(steps == 3);
}

TEST_CASE("TRY returns the first error, and nothing after it is done") {
    steps = 0;
    CHECK(sum(false, true, true) == fail(Error::busy));
    CHECK(steps == 1);
    CHECK(sum(true, false, true) == fail(Error::io_error));
    CHECK(steps == 3);
    CHECK(sum(true, true, false) == fail(Error::busy));
}

TEST_CASE("TRY moves what cannot be copied") {
    const auto object = pass_on(7);
    REQUIRE(object.has_value());
    CHECK(object->value() == 7);
}

TEST_CASE("every error has words of its own") {
    constexpr auto last = static_cast<unsigned>(Error::canceled);
    for (unsigned a = 0; a <= last; ++a) {
        const std::string_view words = to_string(static_cast<Error>(a));
        CHECK_FALSE(words.empty());
        CHECK(words != "unknown error");
        for (unsigned b = 0; b < a; ++b) {
            CHECK(words != to_string(static_cast<Error>(b)));
        }
    }
    CHECK(to_string(static_cast<Error>(last + 1)) == "unknown error");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
