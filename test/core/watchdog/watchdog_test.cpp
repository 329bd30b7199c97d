// SPDX-License-Identifier: BSD-2-Clause
// The watchdog: who hangs is reported, who is only slow is not. Reports on other CPUs, which differ by
// machine, are in test/arch/<machine>/watchdog_test.cpp.
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/sync/read_section.hpp"
#include "core/time/monotonic.hpp"
#include "core/watchdog/watchdog.hpp"
#include "machine/cpu.hpp"
#include "test/floor/counted_time.hpp"
#include "test/floor/floor.hpp"

#include <atomic>

namespace heddle::test {

[[gnu::noinline, gnu::used]] void wait_for_ever();

void wait_for_ever() {
    static constinit std::atomic<bool> never{false};
    while (!never.load()) {
        machine::pause();
    }
}

namespace {

using namespace core;

/// Sets the watchdog's limit for a block.
class Limit {
  public:
    explicit Limit(Nanoseconds limit)
        : before_{watchdog::limit()} {
        watchdog::set_limit(limit);
    }

    ~Limit() { watchdog::set_limit(before_); }

    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

  private:
    Nanoseconds before_;
};

void stay_busy(Nanoseconds span) {
    const Nanoseconds end = time::now() + span;
    while (time::now() < end) {
        machine::pause();
    }
}

TEST_CASE("watchdog: CPUs that sleep, and one that is busy with interrupts on, are left alone") {
    // A busy host may take a processor away for a second, but not where time counts instructions.
    const Nanoseconds span = time_counts_instructions() ? 200_ms : 3_s;
    const Limit limit{span};
    stay_busy(span + 200_ms);
    CHECK(cpu::online().contains(CpuId{0}));
}

TEST_CASE("watchdog: interrupts off for less than the limit are no hang") {
    const Limit limit{3_s};
    machine::disable_interrupts();
    stay_busy(50_ms);
    machine::enable_interrupts();
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("watchdog: a CPU that stays in a read section is reported" *
          expect_panic(
              "watchdog: CPU 0 has passed no quiescent point for |is in 1 read section(s)|wait_for_ever")) {
    watchdog::set_limit(3_s);
    const sync::ReadSection section;
    cpu::retire();
    wait_for_ever();
}

TEST_CASE("watchdog: a call that a CPU does not answer is reported" *
          expect_panic("watchdog: CPU 1 has taken no interrupt for |waits for a call of |CPUs 1")) {
    watchdog::set_limit(3_s);
    cpu::call(CpuSet::of(CpuId{1}), [](void*) { wait_for_ever(); }, nullptr);
}

TEST_CASE("a CPU that waits for ever, with interrupts on, is reported when its case takes too long" *
          expect_panic("watchdog: 'a CPU that waits for ever, with interrupts on, |wait_for_ever")) {
    watchdog::set_limit(3_s);
    wait_for_ever();
}

} // namespace
} // namespace heddle::test
