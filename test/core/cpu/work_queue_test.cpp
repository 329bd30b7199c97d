// SPDX-License-Identifier: BSD-2-Clause
// Work, parallel loops, and the idle loop that runs them.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/work_queue.hpp"
#include "core/sync/grace_period.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "test/floor/background.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>

namespace heddle::test {
namespace {

using namespace core::cpu;

struct Piece : Work {
    Piece()
        : Work{.function = run, .hook = {}, .queued = false} {}

    static void run(Work& work) {
        auto& self = static_cast<Piece&>(work);
        self.context_was_right = machine::interrupts_enabled() && !in_interrupt();
        self.turn = next_turn++;
    }

    std::atomic<int> turn{-1};
    std::atomic<bool> context_was_right{false};
    static std::atomic<int> next_turn;
};

constinit std::atomic<int> Piece::next_turn{0};

TEST_CASE("work runs in the order in which it was submitted, in thread context, once") {
    Piece::next_turn = 0;
    std::array<Piece, 3> pieces;
    for (Piece& piece : pieces) {
        submit(piece);
    }
    // Other CPUs may take them as well.
    REQUIRE(eventually([&] {
        run_one();
        return std::ranges::all_of(pieces, [](const Piece& piece) { return piece.turn != -1; });
    }));
    CHECK(std::ranges::all_of(pieces, [](const Piece& piece) { return piece.context_was_right.load(); }));
    CHECK(Piece::next_turn == 3);
    if (online_count() == 1) {
        CHECK(pieces[0].turn == 0);
        CHECK(pieces[2].turn == 2);
    }
    CHECK_FALSE(run_one());
    CHECK_FALSE(work_waits());
}

TEST_CASE("work that nobody has taken can be taken back") {
    if (online_count() > 1) {
        skip("an idle CPU is too quick to take it");
        return;
    }
    std::atomic<int> runs{0};

    struct Counted : Work {
        std::atomic<int>* runs;
    } work;

    work.runs = &runs;
    work.function = [](Work& self) { *static_cast<Counted&>(self).runs += 1; };
    submit(work);
    CHECK(work_waits());
    CHECK(withdraw(work));
    CHECK_FALSE(withdraw(work));
    CHECK_FALSE(run_one());
    CHECK(runs == 0);
    submit(work);
    CHECK(run_one());
    CHECK(runs == 1);
}

TEST_CASE("a parallel loop calls once for each index") {
    for (const std::size_t count : {0UL, 1UL, 2UL, 63UL, 1000UL}) {
        CAPTURE(count);
        std::array<std::atomic<std::uint32_t>, 1000> calls{};
        env().for_each_parallel(count, [&](std::size_t i) { calls[i] += 1; });
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            wrong += calls[i] != (i < count ? 1U : 0U) ? 1 : 0;
        }
        CHECK(wrong == 0);
    }
    CHECK_FALSE(work_waits());
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("parallel loops nest") {
    std::atomic<std::uint32_t> calls{0};
    env().for_each_parallel(8, [&](std::size_t) {
        env().for_each_parallel(
            8, [&](std::size_t) { env().for_each_parallel(4, [&](std::size_t) { calls += 1; }); });
    });
    CHECK(calls == 8 * 8 * 4);
    CHECK_FALSE(work_waits());
}

TEST_CASE("short parallel loops, many of them: the last helper and the caller meet in every order") {
    std::atomic<std::uint32_t> calls{0};
    constexpr int rounds = 2000;
    for (int i = 0; i < rounds; ++i) {
        env().for_each_parallel(3, [&](std::size_t) { calls += 1; });
    }
    CHECK(calls == 3 * rounds);
}

TEST_CASE("a parallel loop is spread over all CPUs") {
    if (!have_cpus(2)) {
        return;
    }

    struct Helpers {
        std::atomic<std::uint64_t> helped{0};
        const std::uint64_t all = online().bits();

        bool complete() const { return helped == all; }
    } helpers;

    // Each index waits until every CPU has one, so that none can be left out; asleep, so that a host with
    // fewer CPUs gets around to all. If one does not come, the case does not end.
    env().for_each_parallel(online_count(), [&](std::size_t) {
        helpers.helped |= CpuSet::of(current().id).bits();
        if (helpers.complete()) {
            send_notification(online().without(current().id), machine::Notification::reschedule);
        }
        sleep_until([](void* argument) { return static_cast<const Helpers*>(argument)->complete(); },
                    &helpers);
    });
    CHECK(helpers.complete());
}

TEST_CASE("the caller of a parallel loop sleeps when its helpers take long, and is woken") {
    if (!have_cpus(2)) {
        return;
    }
    const CpuId self = current().id;
    std::atomic<bool> helper_began{false};
    std::atomic<bool> caller_was_away{false};
    env().for_each_parallel(2, [&](std::size_t) {
        if (current().id != self) {
            helper_began = true;
            caller_was_away = eventually([&] { return local(self).quiescence.away.load(); });
        } else {
            // Leaves one index to a helper.
            eventually([&] { return helper_began.load(); });
        }
    });
    CHECK(caller_was_away);
}

TEST_CASE("idle sleeps until a notification, and returns when it is told to") {
    std::atomic<bool> stop{false};

    struct Context {
        std::atomic<bool>* stop;
        unsigned asked = 0;
    } context{&stop};

    CrossCall call{[](void* flag) { *static_cast<std::atomic<bool>*>(flag) = true; }, &stop};
    {
        const core::sync::InterruptsOff off;
        post(current().id, call); // comes when idle lets interrupts in
    }
    idle(
        [](void* argument) {
            auto& c = *static_cast<Context*>(argument);
            ++c.asked;
            return c.stop->load();
        },
        &context);
    CHECK(stop);
    CHECK(context.asked >= 1);
    CHECK(machine::interrupts_enabled());
    CHECK_FALSE(current().quiescence.away.load());
}

TEST_CASE("a CPU that is woken for work, and whose own wait is over at the same time, wakes another for it") {
    if (!have_cpus(2)) {
        return;
    }
    REQUIRE(eventually(others_sleep));

    struct Flagged : Work {
        std::atomic<bool> done{false};
    } piece;

    piece.function = [](Work& work) { static_cast<Flagged&>(work).done = true; };

    struct Context {
        Work& piece;
        std::atomic<bool> over{false};
    } context{piece};

    // This CPU is among the sleepers, the first of them, so that the work wakes it.
    const core::test_hooks::Trap trap{"idle: away", CpuSet::of(current().id),
                                      [](void* argument) {
                                          auto& c = *static_cast<Context*>(argument);
                                          submit(c.piece);
                                          c.over = true;
                                      },
                                      &context};
    idle([](void* argument) { return static_cast<Context*>(argument)->over.load(); }, &context);
    CHECK(trap.sprung());
    CHECK(eventually([&] { return piece.done.load(); })); // here nobody runs work
    if (!piece.done) {
        withdraw(piece);
    }
}

TEST_CASE("idle runs work and deferred callbacks before it sleeps") {
    struct Flagged : Work {
        std::atomic<bool> done{false};
    } piece;

    piece.function = [](Work& work) { static_cast<Flagged&>(work).done = true; };

    struct Callback : core::sync::DeferredCallback {
        std::atomic<bool> done{false};
    } callback;

    callback.function = [](core::sync::DeferredCallback& self) { static_cast<Callback&>(self).done = true; };
    core::sync::defer(callback);
    submit(piece);

    struct Context {
        Flagged& piece;
        Callback& callback;
    } context{piece, callback};

    if (online_count() == 1) {
        idle(
            [](void* argument) {
                auto& c = *static_cast<Context*>(argument);
                return c.piece.done && c.callback.done;
            },
            &context);
    }
    CHECK(eventually([&] { return piece.done && callback.done; }));
}

} // namespace
} // namespace heddle::test
