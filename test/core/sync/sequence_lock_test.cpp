// SPDX-License-Identifier: BSD-2-Clause
// Sequence locks: what is read is one write's value, whole.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/sync/sequence_lock.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

namespace heddle::test {
namespace {

using core::sync::Rank;
using core::sync::SequenceLocked;
using core::test_hooks::Trap;

struct Pair {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;

    bool whole() const { return a == b && b == c; }
};

TEST_CASE("a sequence lock reads what was written last") {
    SequenceLocked<Pair> value{Rank::registry};
    CHECK(value.read().a == 0);
    value.write({7, 8, 9});
    const Pair read = value.read();
    CHECK(read.a == 7);
    CHECK(read.b == 8);
    CHECK(read.c == 9);
}

TEST_CASE("a reader that a writer overtakes reads again") {
    SequenceLocked<Pair> value{Rank::registry};
    value.write({1, 1, 1});
    const Trap trap{"sequence_lock: read half", CpuSet::of(core::cpu::current().id),
                    [](void* lock) { static_cast<SequenceLocked<Pair>*>(lock)->write({2, 2, 2}); }, &value};
    const Pair read = value.read();
    CHECK(trap.sprung());
    CHECK(read.whole());
    CHECK(read.a == 2);
}

TEST_CASE("a reader waits for a writer that is at it") {
    if (!have_cpus(2)) {
        return;
    }
    SequenceLocked<Pair> value{Rank::registry};
    value.write({1, 1, 1});
    Trap trap{"sequence_lock: written half", core::cpu::online()};
    const Background writer{[&] { value.write({2, 2, 2}); }};
    REQUIRE(trap.wait_until_sprung());
    std::atomic<bool> released{false};

    struct Context {
        Trap& trap;
        std::atomic<bool>& released;
    } context{trap, released};

    const Trap waits{"sequence_lock: to read again", CpuSet::of(core::cpu::current().id),
                     [](void* argument) {
                         auto& c = *static_cast<Context*>(argument);
                         c.released = true;
                         c.trap.release();
                     },
                     &context};
    const Pair read = value.read();
    CHECK(released);
    CHECK(read.whole());
    CHECK(read.a == 2);
}

TEST_CASE("readers never see half of a write") {
    if (!have_cpus(2)) {
        return;
    }
    SequenceLocked<Pair> value{Rank::registry};
    std::atomic<bool> end{false};
    std::atomic<std::uint64_t> torn{0};
    std::atomic<std::uint64_t> reads{0};
    {
        const Background reader{[&] {
            while (!end) {
                torn += value.read().whole() ? 0 : 1;
                ++reads;
            }
        }};
        REQUIRE(eventually([&] { return reads != 0; }));
        for (std::uint64_t i = 1; i <= 20000; ++i) {
            value.write({i, i, i});
        }
        end = true;
    }
    CHECK(torn == 0);
    CHECK(value.read().a == 20000);
}

} // namespace
} // namespace heddle::test
