// SPDX-License-Identifier: BSD-2-Clause
// The spinlock's guards and the check of ranks. Contention between CPUs comes with the other CPUs.
#include "core/sync/spinlock.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::sync::Rank;
using core::sync::Spinlock;
using core::sync::SpinlockAttempt;
using core::sync::SpinlockGuard;

constinit Spinlock low{Rank::registry};
constinit Spinlock high{Rank::deadlines};

TEST_CASE("spinlock: interrupts are off while it is held, and then as they were") {
    bool inside = true, nested = true, between = true;
    const bool before = machine::interrupts_enabled();
    {
        const SpinlockGuard outer{low};
        inside = machine::interrupts_enabled();
        {
            const SpinlockGuard inner{high};
            nested = machine::interrupts_enabled();
        }
        between = machine::interrupts_enabled();
    }
    CHECK(before);
    CHECK_FALSE(inside);
    CHECK_FALSE(nested);
    CHECK_FALSE(between);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("spinlock: an attempt takes a free lock and leaves a held one alone") {
    bool free = false, held = true;
    {
        const SpinlockAttempt attempt{low};
        free = attempt.taken();
        const SpinlockAttempt second{low};
        held = second.taken();
    }
    bool again = false;
    {
        const SpinlockAttempt attempt{low};
        again = attempt.taken();
    }
    CHECK(free);
    CHECK_FALSE(held);
    CHECK(again);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("spinlock: an attempt may go against the ranks") {
    bool taken = false;
    {
        const SpinlockGuard outer{high};
        const SpinlockAttempt attempt{low};
        taken = attempt.taken();
    }
    CHECK(taken);
}

[[gnu::noinline]] void take_low_under_high() {
    const SpinlockGuard outer{high};
    const SpinlockGuard inner{low};
}

TEST_CASE("spinlock: locks taken against their ranks are reported (negative control)" *
          expect_panic("lock order: rank 0 taken at test::")) {
    take_low_under_high();
}

// The analysis would find this one: that is why only a test can do it.
[[gnu::noinline]] void take_low_twice() UNCHECKED_LOCKING {
    const SpinlockGuard outer{low};
    const SpinlockGuard inner{low};
}

TEST_CASE("spinlock: a lock taken twice is reported (negative control)" *
          expect_panic("spinlock taken twice")) {
    take_low_twice();
}

} // namespace
} // namespace heddle::test
