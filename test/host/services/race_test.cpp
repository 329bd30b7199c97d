// SPDX-License-Identifier: BSD-2-Clause
// What interrupts and CPUs share without locks, with threads in their place, under ThreadSanitizer: the
// emulator on an amd64 host hides weak memory order, this does not.
#include "core/console/input_ring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/log/rate_limit.hpp"
#include "core/log/ring.hpp"
#include "core/sync/spinlock.hpp"
#include "lib/format.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <thread>
#include <vector>

namespace heddle::core::log {

// dispatch() says when nobody handles an interrupt; here nobody listens.
bool enabled(Level) {
    return false;
}

void write(Level, std::string_view) {}

} // namespace heddle::core::log

namespace heddle::test {
namespace {

using core::log::Level;
using core::log::Position;
using core::log::Record;
using core::log::Ring;

/// Threads that each have a CpuLocal, as CPUs do.
class Threads {
  public:
    template <class Function>
    void start(Function function) {
        const CpuId id{static_cast<std::uint32_t>(threads_.size() + 1)};
        threads_.emplace_back([id, function] {
            auto& local = core::cpu::local(id);
            local.id = id;
            machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&local));
            function();
        });
    }

    ~Threads() {
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }

  private:
    std::vector<std::thread> threads_;
};

/// A line whose every byte follows from writer and number, so that a mixture of two is noticed.
std::string_view make_line(char (&buffer)[core::log::longest_line], unsigned writer, unsigned number) {
    const std::size_t length = 20 + (number * 37 + writer) % (core::log::longest_line - 20);
    for (std::size_t i = 0; i < length; ++i) {
        buffer[i] = static_cast<char>('a' + (writer * 7 + number * 3 + i) % 26);
    }
    return {buffer, length};
}

struct Tally {
    std::uint64_t records = 0;
    std::uint64_t lost = 0;
    bool whole = true;
    bool ascending = true;
};

/// Reads what is there until nothing is; `last` is each writer's last number.
void read_all(const Ring& ring, Position& position, Tally& tally, std::vector<std::int64_t>& last) {
    Record record;
    for (;;) {
        const Ring::Outcome outcome = ring.read(position, record);
        if (outcome.state == Ring::State::nothing) {
            return;
        }
        if (outcome.state == Ring::State::lost) {
            tally.lost += outcome.lost;
            continue;
        }
        ++tally.records;
        const auto writer = static_cast<unsigned>(record.time.value >> 32);
        const auto number = static_cast<unsigned>(record.time.value);
        char buffer[core::log::longest_line];
        tally.whole = tally.whole && writer < last.size() &&
                      record.text() == make_line(buffer, writer, number) &&
                      record.level == static_cast<Level>(number % 4);
        if (writer < last.size()) {
            tally.ascending = tally.ascending && static_cast<std::int64_t>(number) > last[writer];
            last[writer] = number;
        }
    }
}

TEST_CASE(
    "log ring: many writers and a reader; every record is whole, in its writer's order, or counted as lost") {
    constexpr unsigned writers = 3;
    constexpr unsigned lines = 30'000;
    auto slots = std::make_unique<std::array<Ring::Slot, 8>>();
    // Small, so that writers lap the reader, and very small, so that they lap each other.
    std::size_t size = 8;
    SUBCASE("eight slots") {
        size = 8;
    }
    SUBCASE("two slots") {
        size = 2;
    }
    SUBCASE("one slot") {
        size = 1;
    }
    Ring ring{std::span{*slots}.first(size)};
    std::atomic<unsigned> done{0};
    Tally tally;
    Position position = 0;
    std::vector<std::int64_t> last(writers, -1);
    {
        Threads threads;
        for (unsigned writer = 0; writer < writers; ++writer) {
            threads.start([&ring, &done, writer] {
                char buffer[core::log::longest_line];
                for (unsigned number = 0; number < lines; ++number) {
                    ring.append(Nanoseconds{std::uint64_t{writer} << 32 | number},
                                static_cast<Level>(number % 4), make_line(buffer, writer, number));
                }
                ++done;
            });
        }
        threads.start([&] {
            while (done != writers) {
                read_all(ring, position, tally, last);
            }
        });
    }
    read_all(ring, position, tally, last);
    CHECK(tally.whole);
    CHECK(tally.ascending);
    CHECK(tally.records > 0);
    CHECK(tally.records + tally.lost == writers * lines);
}

TEST_CASE("input ring: what one thread types another reads, nothing lost, nothing twice") {
    core::console::InputRing ring;
    constexpr unsigned keys = 100'000;
    unsigned wrong = 0;
    {
        Threads threads;
        threads.start([&ring] {
            for (unsigned i = 0; i < keys; ++i) {
                // The ring drops what does not fit; this writer waits instead.
                while (ring.full()) {
                    std::this_thread::yield();
                }
                ring.put(static_cast<char>(i % 251));
            }
        });
        threads.start([&ring, &wrong] {
            for (unsigned i = 0; i < keys;) {
                if (const auto c = ring.take()) {
                    wrong += *c != static_cast<char>(i % 251) ? 1 : 0;
                    ++i;
                } else {
                    std::this_thread::yield();
                }
            }
        });
    }
    CHECK(wrong == 0);
}

TEST_CASE("rate limit: threads together get exactly the limit, and the rest is counted") {
    core::log::RateLimit limit{1000};
    std::atomic<unsigned> admitted{0};
    {
        Threads threads;
        for (int i = 0; i < 4; ++i) {
            threads.start([&] {
                for (int j = 0; j < 5000; ++j) {
                    admitted += limit.admit(5_s) ? 1 : 0;
                }
            });
        }
    }
    CHECK(admitted == 1000);
    CHECK(limit.take_suppressed() == 19'000);
}

TEST_CASE("spinlock: increments by many threads are all there, and attempts never enter together") {
    core::sync::Spinlock lock{core::sync::Rank::registry};
    std::uint64_t counter = 0; // not atomic: the lock orders it
    std::atomic<std::uint64_t> entered{0};
    {
        Threads threads;
        for (int i = 0; i < 4; ++i) {
            threads.start([&] {
                for (int j = 0; j < 5000; ++j) {
                    if (j % 2 == 0) {
                        const core::sync::SpinlockGuard guard{lock};
                        ++counter;
                        ++entered;
                    } else if (const core::sync::SpinlockAttempt attempt{lock}; attempt.taken()) {
                        ++counter;
                        ++entered;
                    }
                }
            });
        }
    }
    CHECK(counter == entered);
    CHECK(counter >= 10'000);
}

/// A controller that has every line.
class AnyController final : public core::interrupt::Controller {
  public:
    std::string_view name() const override { return "any"; }

    Result<void> enable(core::interrupt::InterruptId, core::interrupt::Trigger, core::interrupt::Polarity,
                        CpuId) override {
        return {};
    }

    void disable(core::interrupt::InterruptId) override {}

    Result<void> raise(core::interrupt::InterruptId) override { return fail(Error::not_supported); }

    Result<void> start_on_this_cpu() override { return fail(Error::not_supported); }
};

TEST_CASE("interrupts: after disconnect no handler runs, so its argument may go") {
    using namespace core::interrupt;
    constexpr InterruptId line{77};
    AnyController controller;
    std::atomic<bool> stop{false};
    std::uint64_t calls = 0;
    {
        Threads threads;
        for (int i = 0; i < 2; ++i) {
            threads.start([&] {
                while (!stop) {
                    dispatch(line);
                    std::this_thread::yield();
                }
            });
        }
        threads.start([&] {
            for (int i = 0; i < 3000; ++i) {
                // Freed at the end of each round: a handler that came late would touch it (or race with
                // `calls`).
                auto argument = std::make_unique<std::atomic<std::uint64_t>>(0);
                const auto slowly = [](void* counter) {
                    std::this_thread::yield();
                    ++*static_cast<std::atomic<std::uint64_t>*>(counter);
                };
                const Handler handler{slowly, argument.get()};
                if (!connect(controller, line, Trigger::edge, Polarity::high, handler)) {
                    break;
                }
                std::this_thread::yield();
                disconnect(controller, line);
                calls += *argument;
            }
            stop = true;
        });
    }
    CHECK(calls + spurious_count() == count(line));
}

} // namespace
} // namespace heddle::test
