// SPDX-License-Identifier: BSD-2-Clause
// The vector of bounded size: order, its bound, and constant evaluation.
#include "lib/fixed_vector.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

template <std::size_t Count>
bool holds(const FixedVector<int, 4>& vector, const std::array<int, Count>& expected) {
    return std::ranges::equal(vector.span(), expected);
}

constexpr int sum_at_compile_time() {
    FixedVector<int, 3> vector;
    for (int i = 1; i <= 5; ++i) {
        static_cast<void>(vector.push_back(i));
    }
    int sum = 0;
    for (const int value : vector) {
        sum += value;
    }
    return sum;
}

static_assert(sum_at_compile_time() == 6);

TEST_SUITE_BEGIN("lib/fixed_vector");

TEST_CASE("keeps what is pushed in order, and refuses more than it holds") {
    FixedVector<int, 4> vector;
    CHECK(vector.empty());
    CHECK(vector.capacity() == 4);
    for (int i = 0; i < 4; ++i) {
        CHECK(vector.push_back(i * 10).has_value());
    }
    CHECK(vector.push_back(99).error() == Error::out_of_range);
    CHECK(vector.size() == 4);
    CHECK(holds(vector, std::array{0, 10, 20, 30}));
}

TEST_CASE("erase closes the gap, at either end and in the middle") {
    FixedVector<int, 4> vector;
    for (int i = 0; i < 4; ++i) {
        REQUIRE(vector.push_back(i).has_value());
    }
    vector.erase(1);
    CHECK(holds(vector, std::array{0, 2, 3}));
    vector.erase(2);
    CHECK(holds(vector, std::array{0, 2}));
    vector.erase(0);
    CHECK(holds(vector, std::array{2}));
    CHECK(vector.push_back(5).has_value());
    CHECK(holds(vector, std::array{2, 5}));
}

TEST_CASE("elements are changed in place, and clear forgets them all") {
    FixedVector<int, 4> vector;
    REQUIRE(vector.push_back(1).has_value());
    vector[0] = 7;
    for (int& value : vector) {
        ++value;
    }
    CHECK(vector[0] == 8);
    vector.clear();
    CHECK(vector.empty());
    CHECK(vector.begin() == vector.end());
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
