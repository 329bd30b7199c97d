// SPDX-License-Identifier: BSD-2-Clause
// The rate limit under a virtual clock.
#include "core/log/rate_limit.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::log::RateLimit;

TEST_CASE("rate limit: so many in a second, and the others are counted") {
    RateLimit limit{3};
    for (int i = 0; i < 3; ++i) {
        CHECK(limit.admit(10_ms));
    }
    CHECK_FALSE(limit.admit(20_ms));
    CHECK_FALSE(limit.admit(999_ms));
    CHECK(limit.take_suppressed() == 2);
    CHECK(limit.take_suppressed() == 0);
}

TEST_CASE("rate limit: a new second begins anew, also after a long pause") {
    RateLimit limit{1};
    CHECK(limit.admit(999_ms));
    CHECK_FALSE(limit.admit(999_ms));
    CHECK(limit.admit(1000_ms));
    CHECK_FALSE(limit.admit(1001_ms));
    CHECK(limit.admit(3600_s));
    CHECK(limit.take_suppressed() == 2);
}

TEST_CASE("rate limit: none at all admits nothing") {
    RateLimit limit{0};
    CHECK_FALSE(limit.admit(0_ns));
    CHECK(limit.take_suppressed() == 1);
}

} // namespace
} // namespace heddle::test
