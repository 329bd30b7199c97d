// SPDX-License-Identifier: BSD-2-Clause
// cross_call.cpp with threads as CPUs: what a call hands over, both ways, is plain memory.
#include "core/cpu/cross_call.hpp"
#include "cpus.hpp"

#include <doctest/doctest.h>
#include <memory>

namespace heddle::test {
namespace {

using core::cpu::call;
using core::cpu::CrossCall;
using core::cpu::current;
using core::cpu::online;
using core::cpu::post;

constexpr int rounds = 10'000;

/// One CPU's message to another: both fields are plain, written by one side and read by the other.
struct Message {
    std::uint64_t question = 0;
    std::uint64_t answer = 0;

    static void reply(void* argument) {
        auto& message = *static_cast<Message*>(argument);
        message.answer = message.question * 2 + 1;
    }
};

TEST_CASE("cross calls: posted ones hand their argument over, and the answer back") {
    on_each_cpu([](Random& draw) {
        Message message;
        CrossCall node{Message::reply, &message};
        for (int round = 0; round < rounds && !violated(); ++round) {
            message = {.question = draw.next()};
            post(CpuId{static_cast<std::uint32_t>(draw.below(cpu_count))}, node);
            while (!node.done()) {
                machine::pause();
            }
            if (message.answer != message.question * 2 + 1) {
                violation("a posted call was done and had not run");
            }
        }
    });
    CHECK_FALSE(violated());
}

/// What each target writes for each caller.
struct Answers {
    std::uint64_t question = 0;
    std::array<std::uint64_t, cpu_count> by_cpu{};

    static void reply(void* argument) {
        auto& answers = *static_cast<Answers*>(argument);
        answers.by_cpu[current().id.value] = answers.question + current().id.value;
    }
};

void call_everybody(Random& draw, bool interrupts_off) {
    Answers answers;
    for (int round = 0; round < rounds && !violated(); ++round) {
        answers.question = draw.next();
        if (interrupts_off) {
            machine::disable_interrupts();
        }
        call(online(), Answers::reply, &answers);
        if (interrupts_off) {
            machine::enable_interrupts();
        }
        for (std::uint32_t cpu = 0; cpu < cpu_count; ++cpu) {
            if (answers.by_cpu[cpu] != answers.question + cpu) {
                violation("a call came back and had not run everywhere");
            }
        }
    }
}

TEST_CASE("cross calls: all CPUs call all others at once, and nobody waits for ever") {
    on_each_cpu([](Random& draw) { call_everybody(draw, false); });
    CHECK_FALSE(violated());
}

TEST_CASE("cross calls: the same with interrupts off") {
    on_each_cpu([](Random& draw) { call_everybody(draw, true); });
    CHECK_FALSE(violated());
}

TEST_CASE("cross calls: those of one CPU run in their order, among those of others") {
    constexpr std::uint32_t burst = 4;

    struct Numbered {
        std::uint32_t from = 0;
        std::uint64_t number = 0;
    };

    static std::array<std::uint64_t, cpu_count> last_seen{}; // touched by CPU 0 alone
    last_seen = {};
    on_each_cpu([](Random&) {
        std::array<Numbered, burst> arguments{};
        const auto note = [](void* argument) {
            const auto& numbered = *static_cast<Numbered*>(argument);
            if (numbered.number != last_seen[numbered.from] + 1) {
                violation("a posted call overtook another of the same CPU, or was lost");
            }
            last_seen[numbered.from] = numbered.number;
        };
        CrossCall nodes[burst] = {
            {note, &arguments[0]}, {note, &arguments[1]}, {note, &arguments[2]}, {note, &arguments[3]}};
        std::uint64_t number = 0;
        for (int round = 0; round < rounds && !violated(); ++round) {
            for (std::uint32_t i = 0; i < burst; ++i) {
                arguments[i] = {current().id.value, ++number};
                post(CpuId{0}, nodes[i]);
            }
            for (CrossCall& node : nodes) {
                while (!node.done()) {
                    machine::pause();
                }
            }
        }
    });
    CHECK_FALSE(violated());
}

} // namespace
} // namespace heddle::test
