// SPDX-License-Identifier: BSD-2-Clause
// The same thing on every CPU, in thread context: at once or in turn, and what they find wrong.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace heddle::test {

/// Where all CPUs come and wait for the last of them, the runner's spinning for a minute at most, the others
/// asleep: a host with fewer CPUs gets around to those that have not come yet.
class Assembly {
  public:
    /// Whether all have come. The runner's CPU or another in thread context.
    bool come() {
        const CpuSet all = core::cpu::online();
        const bool runner = core::cpu::current().id == runner_;
        // Acquire and release: what one did before, all see.
        if (come_.fetch_add(1, std::memory_order_acq_rel) + 1 == all.count()) {
            settle(all_came, all);
        } else if (runner && !eventually([&] { return outcome() != undecided; }, 60)) {
            settle(given_up, all);
        } else if (!runner) {
            core::cpu::sleep_until(
                [](void* self) { return static_cast<const Assembly*>(self)->outcome() != undecided; }, this);
        }
        return outcome() == all_came;
    }

  private:
    enum Outcome : std::uint32_t { undecided, all_came, given_up };

    // Acquire: pairs with the release in settle().
    Outcome outcome() const { return outcome_.load(std::memory_order_acquire); }

    void settle(Outcome outcome, CpuSet all) {
        Outcome expected = undecided;
        outcome_.compare_exchange_strong(expected, outcome, std::memory_order_acq_rel);
        core::cpu::send_notification(all.without(core::cpu::current().id), machine::Notification::reschedule);
    }

    const CpuId runner_ = core::cpu::current().id;
    std::atomic<std::uint32_t> come_{0};
    std::atomic<Outcome> outcome_{undecided};
};

/// Calls `function()` on every online CPU, in thread context, once all of them stand ready, and returns when
/// all have returned; whether they did, because a CPU that is not idle never comes. Only the runner's call
/// may use doctest's assertions, so the others note what they see (Findings).
template <class Function>
[[nodiscard]] bool on_every_cpu(Function function) {
    const std::uint32_t count = core::cpu::online_count();
    Assembly assembly;
    std::atomic<bool> all{true};
    const auto part = [&] {
        if (assembly.come()) {
            function();
        } else {
            all.store(false, std::memory_order_relaxed);
        }
    };
    {
        std::array<std::optional<Background<decltype(part)>>, CpuId::limit> others;
        for (std::uint32_t i = 1; i < count; ++i) {
            others[i].emplace(part); // one that waits for the others takes no second part
        }
        part();
    }
    return all.load(std::memory_order_relaxed);
}

/// As on_every_cpu(), but one CPU after the other, while all others sleep without a tick.
template <class Function>
[[nodiscard]] bool on_every_cpu_in_turn(Function function) {
    std::atomic<std::uint64_t> waiting{core::cpu::online().bits()};
    return on_every_cpu([&] {
        const std::uint64_t self = CpuSet::of(core::cpu::current().id).bits();
        const auto sleep_until = [](auto condition) {
            core::cpu::sleep_until(
                [](void* argument) { return (*static_cast<decltype(condition)*>(argument))(); }, &condition);
        };
        // Acquire, both: pair with the release below, what the CPUs before did is seen.
        sleep_until([&] {
            const std::uint64_t bits = waiting.load(std::memory_order_acquire);
            return (bits & -bits) == self;
        });
        function();
        const std::uint64_t left = waiting.fetch_and(~self, std::memory_order_acq_rel) & ~self;
        const CpuSet next = left != 0 ? CpuSet::from_bits(left & -left) : core::cpu::online();
        core::cpu::send_notification(next, machine::Notification::reschedule);
        sleep_until([&] { return waiting.load(std::memory_order_acquire) == 0; });
    });
}

/// What CPUs that may not use doctest's assertions find wrong: the first thing on each.
class Findings {
  public:
    /// `what` is a literal. Any context.
    void expect(bool holds, const char* what) {
        std::atomic<const char*>& wrong = wrong_[core::cpu::current().id.value];
        // Relaxed: read when the CPUs are through.
        if (!holds && wrong.load(std::memory_order_relaxed) == nullptr) {
            wrong.store(what, std::memory_order_relaxed);
        }
    }

    /// Runner's thread.
    void check() const {
        for (const CpuId cpu : core::cpu::online()) {
            const char* const wrong = wrong_[cpu.value].load(std::memory_order_relaxed);
            INFO("CPU ", cpu.value);
            CHECK(doctest::String{wrong != nullptr ? wrong : ""} == "");
        }
    }

  private:
    std::array<std::atomic<const char*>, CpuId::limit> wrong_{};
};

} // namespace heddle::test
