// SPDX-License-Identifier: BSD-2-Clause
// The idle loop and its sleep.
//
// A CPU that goes to sleep (left) and one that has work for it (right):
//
//     A among the sleepers                     D work into the queue
//     B full fence                             E full fence
//     C work in the queue?                     F anybody among the sleepers?
//
// Of two full fences one is first: C sees D, or F sees A and interrupts the CPU, which has interrupts off
// from A until it sleeps, so that the interrupt ends its sleep. The same holds for the limbo and the grace
// periods that nobody but a sleeper would end: each CPU is away (A) before it looks (C) whether the others
// are, and the last one of them sees all.
//
// F takes the CPU from the sleepers, and nobody else is woken for this work. If what the CPU was waiting for
// has come at the same time, it goes its way and leaves the work: then it wakes another in its place.
#include "core/cpu/idle.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/cpu/tick.hpp"
#include "core/cpu/work_queue.hpp"
#include "core/log/log.hpp"
#include "core/memory/limbo.hpp"
#include "core/panic.hpp"
#include "core/sync/grace_period.hpp"
#include "core/sync/lock_order.hpp"
#include "core/test_hooks/sync_point.hpp"

#include <atomic>

namespace heddle::core::cpu {
namespace {

/// CPUs in idle() that sleep or are about to, as the bits of a CpuSet.
constinit std::atomic<std::uint64_t> sleepers{0};

bool something_is_ready() {
    return work_waits() || memory::limbo_ready() || sync::deferred_ready() || log::has_undrained();
}

/// One sleep; the CPU is back, interrupts off, whatever ended it. Interrupts off.
void sleep() {
    go_away();
    test_hooks::sync_point("idle: away");
    machine::wait_for_interrupt();
    machine::disable_interrupts();
    come_back();
}

/// As sleep(), unless idle() has something to do. The frame words and callbacks' stamps that it looks at
/// while it is away are never in limbo themselves. Whether wake_one() has chosen this CPU.
bool sleep_if_nothing_is_ready() {
    const std::uint64_t self = CpuSet::of(current().id).bits();
    // Relaxed: ordered by the fence.
    sleepers.fetch_or(self, std::memory_order_relaxed);
    go_away();
    // Full: with the one in wake_one() and the one in passed_until(), see above.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    test_hooks::sync_point("idle: among the sleepers");
    if (!something_is_ready()) {
        test_hooks::sync_point("idle: away");
        machine::wait_for_interrupt();
        machine::disable_interrupts();
    }
    come_back();
    return (sleepers.fetch_and(~self, std::memory_order_relaxed) & self) == 0;
}

/// Interrupts on.
void do_what_is_ready() {
    while (run_one()) {
        machine::disable_interrupts();
        quiesce(); // between two pieces of work nothing is held
        machine::enable_interrupts();
    }
    memory::reap_limbo();
    sync::run_deferred();
    log::drain(); // what interrupt handlers wrote
}

bool says_so(bool (*until)(void*), void* argument) {
    return until != nullptr && until(argument);
}

} // namespace

void wake_one() {
    // Full: with the one in sleep_if_nothing_is_ready(), see above.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    // Relaxed: only one who clears a bit may notify its CPU; no other memory is handed over.
    for (std::uint64_t bits = sleepers.load(std::memory_order_relaxed); bits != 0;
         bits = sleepers.load(std::memory_order_relaxed)) {
        const std::uint64_t lowest = bits & -bits;
        if ((sleepers.fetch_and(~lowest, std::memory_order_relaxed) & lowest) != 0) {
            send_notification(CpuSet::from_bits(lowest), machine::Notification::reschedule);
            return;
        }
    }
}

void idle(bool (*until)(void*), void* argument) {
    HEDDLE_ASSERT(!in_interrupt());
    HEDDLE_ASSERT(machine::interrupts_enabled());
    sync::assert_no_spinlock_held();
    machine::disable_interrupts();
    stop_tick();
    bool chosen = false;
    while (!says_so(until, argument)) {
        if (!something_is_ready()) {
            chosen = sleep_if_nothing_is_ready() || chosen;
            continue;
        }
        chosen = false;
        start_tick();
        machine::enable_interrupts();
        do_what_is_ready();
        machine::disable_interrupts();
        stop_tick();
    }
    start_tick();
    machine::enable_interrupts();
    if (chosen) {
        wake_one();
    }
}

void sleep_until(bool (*until)(void*), void* argument) {
    HEDDLE_ASSERT(!in_interrupt());
    HEDDLE_ASSERT(machine::interrupts_enabled());
    sync::assert_no_spinlock_held();
    machine::disable_interrupts();
    stop_tick();
    while (!until(argument)) {
        sleep();
    }
    start_tick();
    machine::enable_interrupts();
}

} // namespace heddle::core::cpu
