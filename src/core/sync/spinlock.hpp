// SPDX-License-Identifier: BSD-2-Clause
// A lock that is held with interrupts off, for a handful of instructions. The guard in its own block is the
// only way in.
#pragma once

#include "core/sync/lock_order.hpp"
#include "lib/annotations.hpp"
#include "lib/config.hpp"
#include "machine/cpu.hpp"

#include <atomic>
#include <cstdint>

namespace heddle::core::sync {

/// The order in which locks may nest: a lock may be taken only while every held one has a lower rank.
enum class Rank : std::uint8_t {
    registry,
    heap,          ///< the list of object caches
    slab,          ///< one object cache
    address_space, ///< page tables and the arena
    limbo,         ///< who reaps
    frames,
    counters,     ///< the list of live-object counters
    grace_period, ///< the batch of deferred callbacks
    work,         ///< the queue of waiting work
    deadlines,
    interrupts,
    log,
    console,
};

/// A ticketless test-and-test-and-set lock. Not recursive. Test images check its rank (lock_order.hpp).
class HEDDLE_CAPABILITY("spinlock") Spinlock {
  public:
    constexpr explicit Spinlock(Rank rank)
        : rank_{rank} {}

    Spinlock(const Spinlock&) = delete;
    Spinlock& operator=(const Spinlock&) = delete;

    Rank rank() const { return rank_; }

  private:
    friend class SpinlockGuard;
    friend class SpinlockAttempt;

    // Always inlined, so that the site which note_taken() sees is the guard's user. Interrupts off.
    [[gnu::always_inline]] void lock() ACQUIRES() {
        if constexpr (config::assertions) {
            detail::note_taken(*this, true);
        }
        // Acquire: pairs with the release store in unlock().
        while (held_.exchange(true, std::memory_order_acquire)) {
            if constexpr (config::assertions) {
                detail::note_waiting(true);
            }
            // Relaxed: only waits for a chance; the exchange above decides.
            while (held_.load(std::memory_order_relaxed)) {
                machine::pause();
            }
            if constexpr (config::assertions) {
                detail::note_waiting(false);
            }
        }
    }

    [[gnu::always_inline]] bool try_lock() TRY_ACQUIRES(true) {
        // Acquire: pairs with the release store in unlock().
        if (held_.exchange(true, std::memory_order_acquire)) {
            return false;
        }
        if constexpr (config::assertions) {
            detail::note_taken(*this, false);
        }
        return true;
    }

    void unlock() RELEASES() {
        if constexpr (config::assertions) {
            detail::note_released(*this);
        }
        // Release: pairs with the exchanges in lock() and try_lock().
        held_.store(false, std::memory_order_release);
    }

    std::atomic<bool> held_{false};
    const Rank rank_;
};

/// Holds a Spinlock for a block, with interrupts off, and restores the interrupt state afterwards. Any
/// context.
class HEDDLE_SCOPED_CAPABILITY SpinlockGuard {
  public:
    [[gnu::always_inline]] explicit SpinlockGuard(Spinlock& lock) ACQUIRES(lock)
        : lock_{lock}
        , interrupts_{machine::save_and_disable_interrupts()} {
        lock_.lock();
    }

    ~SpinlockGuard() RELEASES() {
        lock_.unlock();
        machine::restore_interrupts(interrupts_);
    }

    SpinlockGuard(const SpinlockGuard&) = delete;
    SpinlockGuard& operator=(const SpinlockGuard&) = delete;

  private:
    Spinlock& lock_;
    const machine::InterruptState interrupts_;
};

/// As SpinlockGuard, but does not wait: ask taken(). Any context, also where the holder may be what we
/// interrupted. The analysis cannot follow a conditional scope: what needs the lock goes into a function that
/// REQUIRES it, called from an UNCHECKED_LOCKING one.
class SpinlockAttempt {
  public:
    [[gnu::always_inline]] explicit SpinlockAttempt(Spinlock& lock) UNCHECKED_LOCKING
        : lock_{lock},
          interrupts_{machine::save_and_disable_interrupts()},
          taken_{lock.try_lock()} {}

    ~SpinlockAttempt() UNCHECKED_LOCKING {
        if (taken_) {
            lock_.unlock();
        }
        machine::restore_interrupts(interrupts_);
    }

    SpinlockAttempt(const SpinlockAttempt&) = delete;
    SpinlockAttempt& operator=(const SpinlockAttempt&) = delete;

    bool taken() const { return taken_; }

  private:
    Spinlock& lock_;
    const machine::InterruptState interrupts_;
    const bool taken_;
};

} // namespace heddle::core::sync
