// SPDX-License-Identifier: BSD-2-Clause
// Deferred callbacks go through two lists: newcomers, which anybody pushes to, and one batch whose grace
// period runs. So an epoch is retired for each batch, not for each callback.
#include "core/sync/grace_period.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/panic.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/spinlock.hpp"
#include "core/test_hooks/sync_point.hpp"

#include <atomic>
#include <utility>

namespace heddle::core::sync {
namespace {

/// Latest first.
constinit std::atomic<DeferredCallback*> newcomers{nullptr};

class Batch {
  public:
    /// The callbacks of the batch if its grace period has passed, latest first; then the newcomers are the
    /// batch.
    DeferredCallback* take() EXCLUDES(lock_) {
        const SpinlockGuard guard{lock_};
        DeferredCallback* const ready = has_passed() ? std::exchange(first_, nullptr) : nullptr;
        begin();
        return ready;
    }

    /// Begins a batch if there is none; whether take() would give any. Waits for the lock: of two CPUs about
    /// to sleep, each away already, the one that has it later sees the other away. One that gave up instead
    /// would leave the callbacks to a CPU that has looked too early, and both sleep.
    bool poll() EXCLUDES(lock_) {
        const SpinlockGuard guard{lock_};
        begin();
        const bool ready = has_passed();
        test_hooks::sync_point("deferred: polled");
        return ready;
    }

  private:
    bool has_passed() REQUIRES(lock_) { return first_ != nullptr && cpu::passed(stamp_); }

    void begin() REQUIRES(lock_) {
        if (first_ != nullptr) {
            return;
        }
        // Acquire: pairs with the release in defer(): what was unlinked before that is visible with the epoch
        // that begins here.
        first_ = newcomers.exchange(nullptr, std::memory_order_acquire);
        if (first_ != nullptr) {
            stamp_ = cpu::retire();
        }
    }

    Spinlock lock_{Rank::grace_period};
    DeferredCallback* first_ GUARDED_BY(lock_) = nullptr; ///< latest first
    cpu::Stamp stamp_ GUARDED_BY(lock_);
};

constinit Batch batch;

} // namespace

void synchronize() {
    HEDDLE_ASSERT(!cpu::in_interrupt());
    HEDDLE_ASSERT(machine::interrupts_enabled());
    assert_no_spinlock_held();
    const cpu::Stamp stamp = cpu::retire();
    {
        const InterruptsOff off;
        cpu::quiesce();
    }
    // The others announce at their ticks, or are away: see cpu/quiescence.cpp for what that pairs with.
    while (!cpu::passed(stamp)) {
        machine::pause();
    }
}

void defer(DeferredCallback& callback) {
    DeferredCallback* first = newcomers.load(std::memory_order_relaxed);
    do {
        callback.next = first;
        // Release: pairs with the acquire in Batch::begin().
    } while (!newcomers.compare_exchange_weak(first, &callback, std::memory_order_release,
                                              std::memory_order_relaxed));
}

std::size_t run_deferred() {
    HEDDLE_ASSERT(!cpu::in_interrupt());
    DeferredCallback* latest_first = batch.take();
    DeferredCallback* list = nullptr;
    while (latest_first != nullptr) {
        DeferredCallback* const next = std::exchange(latest_first->next, list);
        list = std::exchange(latest_first, next);
    }
    std::size_t count = 0;
    for (; list != nullptr; ++count) {
        DeferredCallback& callback = *list;
        list = callback.next;
        callback.function(callback);
    }
    return count;
}

bool deferred_ready() {
    return batch.poll();
}

} // namespace heddle::core::sync
