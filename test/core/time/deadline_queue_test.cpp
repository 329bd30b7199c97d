// SPDX-License-Identifier: BSD-2-Clause
// The deadline queue over a virtual clock.
#include "core/time/deadline_queue.hpp"
#include "test/floor/event_log.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/virtual_clock.hpp"

#include <doctest/doctest.h>
#include <memory>

namespace heddle::test {
namespace {

using core::time::Deadline;
using core::time::DeadlineQueue;

struct Queue {
    VirtualClock clock{1_s};
    DeadlineQueue queue{clock};
    EventLog<64> events;

    Queue() {
        clock.set_deadline_handler(
            {[](void* argument) { static_cast<DeadlineQueue*>(argument)->expire(); }, &queue});
    }

    bool happened(std::string_view names) const {
        std::size_t i = 0;
        for (const Event& event : events.events()) {
            if (i >= names.size() || event.name != names.substr(i, 1)) {
                return false;
            }
            ++i;
        }
        return i == names.size();
    }
};

/// Notes its name when it fires.
struct Noted {
    Queue& queue;
    std::string_view name;
    Deadline deadline{[](void* argument) {
                          auto& noted = *static_cast<Noted*>(argument);
                          noted.queue.events.record(noted.name, noted.queue.clock.now().value);
                      },
                      this};
};

TEST_CASE("deadlines: they fire in the order of time, at their time, whatever the order of setting") {
    Queue queue;
    Noted a{queue, "a"}, b{queue, "b"}, c{queue, "c"};
    queue.queue.set(b.deadline, 1_s + 20_us);
    queue.queue.set(c.deadline, 1_s + 30_us);
    queue.queue.set(a.deadline, 1_s + 10_us);
    CHECK(queue.queue.next() == 1_s + 10_us);
    queue.clock.advance(9_us);
    CHECK(queue.happened(""));
    queue.clock.advance(1_ms);
    CHECK(queue.happened("abc"));
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(queue.events.events()[i].value == (1_s + Nanoseconds{10'000 * (i + 1)}).value);
    }
    CHECK(queue.queue.next() == Nanoseconds::never());
    CHECK(queue.clock.deadline() == Nanoseconds::never());
}

TEST_CASE("deadlines: equal times fire in the order of setting, in one interrupt") {
    Queue queue;
    Noted a{queue, "a"}, b{queue, "b"}, c{queue, "c"};
    for (Noted* each : {&b, &a, &c}) {
        queue.queue.set(each->deadline, 1_s + 5_us);
    }
    queue.clock.advance(5_us);
    CHECK(queue.happened("bac"));
    CHECK(queue.clock.times_fired() == 1);
}

TEST_CASE("deadlines: a cancelled one does not fire, and cancel says what it found") {
    Queue queue;
    Noted a{queue, "a"}, b{queue, "b"};
    CHECK_FALSE(queue.queue.cancel(a.deadline));
    queue.queue.set(a.deadline, 1_s + 1_us);
    queue.queue.set(b.deadline, 1_s + 2_us);
    CHECK(queue.queue.cancel(a.deadline));
    CHECK_FALSE(queue.queue.cancel(a.deadline));
    CHECK(queue.queue.next() == 1_s + 2_us);
    queue.clock.advance(1_ms);
    CHECK(queue.happened("b"));
    CHECK_FALSE(queue.queue.cancel(b.deadline));
}

TEST_CASE("deadlines: one that is set again is moved, earlier and later") {
    Queue queue;
    Noted a{queue, "a"}, b{queue, "b"};
    queue.queue.set(a.deadline, 1_s + 30_us);
    queue.queue.set(b.deadline, 1_s + 20_us);
    queue.queue.set(a.deadline, 1_s + 10_us);
    queue.clock.advance(10_us);
    CHECK(queue.happened("a"));
    queue.queue.set(b.deadline, 1_s + 40_us);
    queue.clock.advance(29_us);
    CHECK(queue.happened("a"));
    queue.clock.advance(1_us);
    CHECK(queue.happened("ab"));
}

TEST_CASE("deadlines: a past one fires as soon as it can") {
    Queue queue;
    Noted a{queue, "a"};
    queue.queue.set(a.deadline, 0_ns);
    CHECK(queue.clock.deadline() <= queue.clock.now());
    queue.clock.advance(0_ns);
    CHECK(queue.happened("a"));
}

TEST_CASE("deadlines: the far future waits, and never is never") {
    Queue queue;
    Noted a{queue, "a"}, b{queue, "b"};
    queue.queue.set(a.deadline, Nanoseconds{UINT64_MAX - 1});
    queue.queue.set(b.deadline, Nanoseconds::never());
    queue.clock.advance(1'000'000'000_s);
    CHECK(queue.happened(""));
    CHECK(queue.queue.next() == Nanoseconds{UINT64_MAX - 1});
    CHECK(queue.queue.cancel(a.deadline));
    CHECK(queue.queue.cancel(b.deadline));
}

/// Sets itself again, `left` times, `step` after each firing.
struct Repeating {
    Queue& queue;
    unsigned left;
    Nanoseconds step;
    Deadline deadline{[](void* argument) {
                          auto& self = *static_cast<Repeating*>(argument);
                          self.queue.events.record("r");
                          if (self.left-- > 1) {
                              self.queue.queue.set(self.deadline, self.queue.clock.now() + self.step);
                          }
                      },
                      this};
};

TEST_CASE("deadlines: a function may set its own deadline again") {
    Queue queue;
    Repeating repeating{queue, 5, 100_us};
    queue.queue.set(repeating.deadline, 1_s + 100_us);
    queue.clock.advance(450_us);
    CHECK(queue.happened("rrrr"));
    queue.clock.advance(1_ms);
    CHECK(queue.happened("rrrrr"));
}

TEST_CASE(
    "deadlines: one that sets itself for now comes in the next interrupt and does not starve the others") {
    Queue queue;
    Repeating repeating{queue, 10, 0_ns};
    Noted after{queue, "n"};
    queue.queue.set(repeating.deadline, 1_s + 1_us);
    queue.queue.set(after.deadline, 1_s + 1_us);
    queue.clock.advance(1_us);
    CHECK(queue.happened("rn"));
    queue.clock.advance(1_ms);
    CHECK(queue.happened("rnrrrrrrrrr"));
    CHECK(queue.clock.times_fired() == 10);
}

/// Cancels another when it fires.
struct Cancelling {
    Queue& queue;
    Noted& victim;
    bool was_set = false;
    Deadline deadline{[](void* argument) {
                          auto& self = *static_cast<Cancelling*>(argument);
                          self.was_set = self.queue.queue.cancel(self.victim.deadline);
                      },
                      this};
};

TEST_CASE("deadlines: a function may cancel one that is due in the same interrupt") {
    Queue queue;
    Noted victim{queue, "v"};
    Cancelling cancelling{queue, victim};
    queue.queue.set(cancelling.deadline, 1_s + 1_us);
    queue.queue.set(victim.deadline, 1_s + 2_us);
    queue.clock.advance(0_ns);
    queue.queue.set(victim.deadline, 1_s + 1_us);
    queue.clock.advance(10_us);
    CHECK(cancelling.was_set);
    CHECK(queue.happened(""));
}

TEST_CASE("deadlines: the device is told once for the earliest, not for later ones nor for cancels") {
    Queue queue;
    Noted a{queue, "a"}, b{queue, "b"};
    queue.queue.set(a.deadline, 1_s + 10_us);
    const unsigned armed = queue.clock.times_armed();
    for (unsigned i = 0; i < 100; ++i) {
        queue.queue.set(b.deadline, 1_s + 20_us + Nanoseconds{i});
        queue.queue.cancel(b.deadline);
    }
    CHECK(queue.clock.times_armed() == armed);
    queue.clock.advance(1_ms);
    CHECK(queue.happened("a"));
}

TEST_CASE("deadlines: an interrupt before its time fires nothing and arms again") {
    Queue queue;
    Noted a{queue, "a"};
    queue.queue.set(a.deadline, 1_s + 10_us);
    queue.queue.expire();
    CHECK(queue.happened(""));
    CHECK(queue.clock.deadline() == 1_s + 10_us);
    queue.clock.advance(10_us);
    CHECK(queue.happened("a"));
}

TEST_CASE("deadlines: random settings and cancels fire exactly what is left, in order") {
    constexpr std::size_t count = 40;
    Queue queue;

    struct Item {
        Deadline deadline{[](void* argument) { static_cast<Item*>(argument)->fired = true; }, this};
        Nanoseconds when{};
        bool set = false;
        bool fired = false;
    };

    static Item items[count];
    for (Item& item : items) {
        item.set = item.fired = false;
    }
    for (unsigned round = 0; round < 2000; ++round) {
        Item& item = items[random().below(count)];
        if (random().below(3) == 0) {
            REQUIRE(queue.queue.cancel(item.deadline) == item.set);
            item.set = false;
        } else {
            item.when = queue.clock.now() + Nanoseconds{random().between(1, 1000)};
            queue.queue.set(item.deadline, item.when);
            item.set = true;
        }
        queue.clock.advance(Nanoseconds{random().below(60)});
        for (Item& each : items) {
            const bool due = each.set && each.when <= queue.clock.now();
            REQUIRE(each.fired == due);
            each.set = each.set && !due;
            each.fired = false;
        }
    }
    for (Item& item : items) {
        queue.queue.cancel(item.deadline);
    }
}

} // namespace
} // namespace heddle::test
