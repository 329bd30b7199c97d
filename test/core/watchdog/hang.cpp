// SPDX-License-Identifier: BSD-2-Clause
// See the header. The functions have external names, for reports to show.
#include "test/core/watchdog/hang.hpp"

#include "core/cpu/cross_call.hpp"
#include "core/sync/spinlock.hpp"
#include "core/watchdog/watchdog.hpp"
#include "test/floor/background.hpp"

namespace heddle::test {
namespace {

constinit core::sync::Spinlock lock{core::sync::Rank::console};
constinit std::atomic<bool> taken{false};

} // namespace

[[gnu::noinline, gnu::used]] void hang_with_interrupts_off(void*);
[[gnu::noinline, gnu::used]] void wait_for_the_lock(void*);

void hang_with_interrupts_off(void*) {
    const core::sync::SpinlockGuard guard{lock};
    taken.store(true);
    while (taken.load()) {
        machine::pause();
    }
}

void wait_for_the_lock(void*) {
    const core::sync::SpinlockGuard guard{lock};
    taken.store(false);
}

void hang_two_cpus() {
    core::watchdog::set_limit(3_s);
    core::cpu::CrossCall first{hang_with_interrupts_off, nullptr};
    core::cpu::CrossCall second{wait_for_the_lock, nullptr};
    core::cpu::post(CpuId{1}, first);
    while (!taken.load()) {
        machine::pause();
    }
    core::cpu::post(CpuId{2}, second);
    eventually([] { return false; }, 20);
}

} // namespace heddle::test
