// SPDX-License-Identifier: BSD-2-Clause
// Limbo: who gets a frame, the reaper or its owner, in every order of the two.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/memory/limbo.hpp"
#include "core/memory/shootdown.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/read_section.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <optional>

namespace heddle::test {
namespace {

using namespace core::memory;
using core::cpu::Stamp;
using core::sync::InterruptsOff;
using core::sync::ReadSection;
using core::test_hooks::Trap;

constexpr LimboOwner ours{.owner = 4711, .unit = 2};

CpuSet this_cpu() {
    return CpuSet::of(core::cpu::current().id);
}

Frame allocate() {
    const auto frame = frames().allocate();
    REQUIRE(frame);
    return *frame;
}

FrameState state_of(Frame frame) {
    return frames().info(frame).get().state;
}

/// Nothing of ours stays in limbo: this CPU is at a quiescent point, the others are away or tick.
void drain() {
    CHECK(eventually([] {
        {
            const InterruptsOff off;
            core::cpu::quiesce();
        }
        reap_limbo();
        return limbo_level() == 0;
    }));
}

TEST_CASE("a frame's word holds state, owner, unit and stamp") {
    constexpr LimboOwner largest{.owner = LimboWord::owner_limit - 1, .unit = LimboWord::unit_limit - 1};
    constexpr Stamp stamp{0x7fff'ffff};
    for (const LimboOwner owner : {LimboOwner{}, ours, largest}) {
        const std::uint64_t word = LimboWord::encode(owner, stamp);
        CHECK(LimboWord::state(word) == FrameState::limbo);
        CHECK(LimboWord::owner(word) == owner);
        CHECK(LimboWord::stamp(word, stamp) == stamp);
        CHECK(LimboWord::stamp(word, Stamp{stamp.value + 5}) == stamp);
    }
}

TEST_CASE("a stamp that wraps in the word is read as itself or as a later one, never as an earlier one") {
    constexpr std::uint64_t wrap = std::uint64_t{1} << LimboWord::stamp_bits;
    for (const std::uint64_t value : {std::uint64_t{1}, wrap - 1, wrap, wrap + 1, 5 * wrap + 12345}) {
        const Stamp stamp{value};
        const std::uint64_t word = LimboWord::encode(ours, stamp);
        CHECK(LimboWord::stamp(word, stamp) == stamp);
        CHECK(LimboWord::stamp(word, Stamp{value + wrap - 1}) == stamp);
        CHECK(LimboWord::stamp(word, Stamp{value + wrap}) == Stamp{value + wrap});
        CHECK(LimboWord::stamp(word, Stamp{value + 3 * wrap + 7}) == Stamp{value + 3 * wrap});
    }
}

TEST_CASE("a retired frame is free when every CPU has passed its stamp, and not before") {
    const Frame frame = allocate();
    {
        const ReadSection no_tick;
        const InterruptsOff off;
        retire_frame(frame, ours);
        CHECK(limbo_level() == 1);
        CHECK(state_of(frame) == FrameState::limbo);
        CHECK_FALSE(limbo_ready());
        CHECK(reap_limbo() == 0);
        CHECK(limbo_level() == 1);
    }
    drain();
    CHECK(state_of(frame) != FrameState::limbo);
}

TEST_CASE("a frame in limbo comes back to its owner alone") {
    const Frame frame = allocate();
    const std::uint64_t allocated_word = frames().info(frame).word.load();
    {
        const ReadSection no_tick;
        const InterruptsOff off;
        CHECK_FALSE(reinstate_frame(frame, ours)); // was not in limbo
        CHECK(frames().info(frame).word.load() == allocated_word);
        retire_frame(frame, ours);
        CHECK_FALSE(reinstate_frame(frame, {.owner = ours.owner + 1, .unit = ours.unit}));
        CHECK_FALSE(reinstate_frame(frame, {.owner = ours.owner, .unit = ours.unit + 1}));
        CHECK(limbo_level() == 1);
        CHECK(reinstate_frame(frame, ours));
        CHECK(limbo_level() == 0);
        CHECK(state_of(frame) == FrameState::reclaimed);
        CHECK_FALSE(reinstate_frame(frame, ours)); // once
        retire_frame(frame, ours);
    }
    drain();
    {
        const InterruptsOff off;
        CHECK_FALSE(reinstate_frame(frame, ours)); // the reaper had it
    }
}

TEST_CASE("a frame that goes in and out of limbo is in its list once") {
    const Frame frame = allocate();
    {
        const ReadSection no_tick;
        const InterruptsOff off;
        for (int i = 0; i < 1000; ++i) {
            retire_frame(frame, ours);
            REQUIRE(reinstate_frame(frame, ours));
        }
        retire_frame(frame, ours);
        CHECK(limbo_level() == 1);
    }
    drain(); // a second entry would free it twice, which frames() notices
}

TEST_CASE("a frame that the reaper finds taken back is out of the list, and comes in again") {
    const Frame back = allocate();
    const Frame other = allocate();
    {
        const InterruptsOff off;
        retire_frame(back, ours);
        REQUIRE(reinstate_frame(back, ours));
        retire_frame(other, ours);
        core::cpu::quiesce();
    }
    CHECK(eventually([] { return reap_limbo() == 1 || limbo_level() == 0; }));
    CHECK(state_of(back) == FrameState::allocated);
    {
        const InterruptsOff off;
        retire_frame(back, ours);
    }
    drain();
}

TEST_CASE("many frames go in order, as many at a time as the reaper is told") {
    constexpr std::size_t count = 200;
    std::array<Frame, count> all;
    for (Frame& frame : all) {
        frame = allocate();
    }
    // Nobody else reaps: other CPUs sleep or their ticks find the frames waiting for us.
    const ReadSection no_tick;
    const InterruptsOff off;
    for (const Frame frame : all) {
        retire_frame(frame, ours);
    }
    CHECK(limbo_level() == count);
    core::cpu::current().preemption_disabled -= 1;
    core::cpu::quiesce();
    core::cpu::current().preemption_disabled += 1;
    if (core::cpu::online_count() == 1) {
        CHECK(reap_limbo(50) == 50);
        CHECK(limbo_level() == count - 50);
        CHECK(state_of(all[49]) != FrameState::limbo);
        CHECK(state_of(all[50]) == FrameState::limbo);
        CHECK(reap_limbo(0) == 0);
    }
    CHECK(eventually([] {
        reap_limbo(count);
        return limbo_level() == 0;
    }));
}

/// A frame of ours in limbo that could be freed, and what is done to it at a sync point that somebody else is
/// at.
struct Race {
    Frame frame;
    bool taken = false;
    std::size_t reaped = 0;

    /// Sets the trap and lets `act(*this)` run into it, again if another CPU had reaped the frame before.
    /// Whether the trap has sprung. `act` and `meanwhile` run with interrupts off, so that no tick reaps.
    template <class Act>
    bool run(const char* point, void (*meanwhile)(void*), Act act) {
        for (int attempt = 0; attempt < 100; ++attempt) {
            frame = allocate();
            const InterruptsOff off;
            retire_frame(frame, ours);
            core::cpu::quiesce();
            const bool ready = eventually([] { return limbo_ready() || limbo_level() == 0; });
            const Trap trap{point, this_cpu(), meanwhile, this};
            if (ready && act(*this) && trap.sprung()) {
                return true;
            }
        }
        return false;
    }
};

TEST_CASE("the owner takes a frame back while the reaper is about to free it: the reaper gives way") {
    Race race;
    REQUIRE(race.run(
        "limbo: judged",
        [](void* argument) {
            Race& r = *static_cast<Race*>(argument);
            r.taken = reinstate_frame(r.frame, ours);
        },
        [](Race& r) {
            r.reaped = reap_limbo();
            return true;
        }));
    CHECK(race.taken);
    CHECK(race.reaped == 0);
    CHECK(limbo_level() == 0);
    CHECK(state_of(race.frame) != FrameState::limbo);
    {
        const InterruptsOff off;
        retire_frame(race.frame, ours);
    }
    drain();
}

TEST_CASE("a frame that is taken back and retired anew behind the reaper's back waits for its new stamp") {
    Race race;
    bool level_was_right = false;
    bool is_in_limbo = false;
    REQUIRE(race.run(
        "limbo: judged",
        [](void* argument) {
            Race& r = *static_cast<Race*>(argument);
            r.taken = reinstate_frame(r.frame, ours);
            retire_frame(r.frame, ours);
        },
        [&](Race& r) {
            r.reaped = reap_limbo();
            level_was_right = limbo_level() == 1; // this CPU has not passed the new stamp
            is_in_limbo = state_of(r.frame) == FrameState::limbo;
            return true;
        }));
    CHECK(race.taken);
    CHECK(race.reaped == 0);
    CHECK(level_was_right);
    CHECK(is_in_limbo);
    drain();
}

TEST_CASE("the reaper frees a frame while its owner is about to take it back: the owner gives way") {
    Race race;
    REQUIRE(race.run(
        "limbo: about to reinstate",
        [](void* argument) { static_cast<Race*>(argument)->reaped = reap_limbo(); },
        [](Race& r) {
            r.taken = reinstate_frame(r.frame, ours);
            if (r.taken) { // another CPU was reaping, so that we could not
                retire_frame(r.frame, ours);
            }
            return r.reaped == 1;
        }));
    CHECK_FALSE(race.taken);
    drain();
}

TEST_CASE("limbo drains by the tick of a busy CPU, and by the idle loop") {
    const auto retire_some = [] {
        for (std::uint32_t i = 0; i < 8; ++i) {
            const Frame frame = allocate();
            const InterruptsOff off;
            retire_frame(frame, {.owner = i, .unit = 0});
        }
    };
    retire_some();
    CHECK(eventually([] { return limbo_level() == 0; })); // busy: only the tick does anything here
    retire_some();
    core::cpu::idle([](void*) { return limbo_level() == 0; });
    CHECK(limbo_level() == 0);
}

TEST_CASE("limbo needs no interrupt to another CPU and no shootdown") {
    const std::uint64_t notified = core::cpu::notification_count();
    const std::uint64_t shot_down = shootdown_count();
    for (std::uint32_t i = 0; i < 16; ++i) {
        const Frame frame = allocate();
        const InterruptsOff off;
        retire_frame(frame, {.owner = i, .unit = 0});
    }
    CHECK(eventually([] { return limbo_level() == 0; }));
    CHECK(core::cpu::notification_count() == notified);
    CHECK(shootdown_count() == shot_down);
}

TEST_CASE("owners and reapers on all CPUs at once: each frame has one fate") {
    constexpr std::size_t owners = 16;
    constexpr int rounds = 300;

    struct Owner {
        Frame frame;
        std::uint32_t number = 0;
        std::uint64_t seed = 0;
    };

    std::array<Owner, owners> all;
    for (std::size_t i = 0; i < owners; ++i) {
        all[i] = {allocate(), static_cast<std::uint32_t>(i), random().next()};
    }

    struct Context {
        std::array<Owner, owners>& all;
        std::atomic<std::uint32_t> lost{0};
        std::atomic<std::uint32_t> out_of_memory{0};
    } context{all};

    core::cpu::for_each_parallel(
        owners,
        [](void* argument, std::size_t i) {
            Context& c = *static_cast<Context*>(argument);
            Owner& owner = c.all[i];
            Random draw{owner.seed};
            for (int round = 0; round < rounds; ++round) {
                const LimboOwner identity{owner.number, static_cast<std::uint32_t>(draw.below(8))};
                {
                    const InterruptsOff off;
                    retire_frame(owner.frame, identity);
                }
                if (draw.below(2) == 0) {
                    const InterruptsOff off;
                    core::cpu::quiesce();
                }
                if (draw.below(2) == 0) {
                    reap_limbo(draw.below(8));
                }
                bool back;
                {
                    const InterruptsOff off;
                    back = reinstate_frame(owner.frame, identity);
                }
                if (!back) {
                    ++c.lost;
                    const auto other = frames().allocate();
                    if (!other) {
                        ++c.out_of_memory;
                        return;
                    }
                    owner.frame = *other;
                }
            }
        },
        &context);
    CHECK(context.out_of_memory == 0);
    CHECK(limbo_level() == 0);
    for (const Owner& owner : all) {
        const InterruptsOff off;
        retire_frame(owner.frame, ours);
    }
    drain();
}

TEST_CASE("retiring a frame that is in limbo is a panic" * expect_panic("cannot be retired")) {
    const Frame frame = allocate();
    const InterruptsOff off;
    retire_frame(frame, ours);
    retire_frame(frame, ours);
}

TEST_CASE("freeing a frame that was taken back, past limbo, is a panic" * expect_panic("frame")) {
    const Frame frame = allocate();
    const InterruptsOff off;
    retire_frame(frame, ours);
    if (reinstate_frame(frame, ours)) {
        frames().free(frame);
    }
}

} // namespace
} // namespace heddle::test
