// SPDX-License-Identifier: BSD-2-Clause
// A lock that is held with interrupts off, for a handful of instructions. The guard in its own block is the only way in.
#pragma once

#include "core/panic.hpp"
#include "lib/annotations.hpp"
#include "machine/cpu.hpp"

#include <atomic>
#include <cstdint>

namespace heddle::core::sync {

/// The order in which locks may nest: a lock may be taken only while every held one has a lower rank.
enum class Rank : std::uint8_t {
    registry,
    heap, ///< the list of object caches
    slab, ///< one object cache
    address_space, ///< page tables and the arena
    frames,
    counters, ///< the list of live-object counters
    deadlines,
    interrupts,
    log,
    console,
};

/// A ticketless test-and-test-and-set lock. Not recursive.
class HEDDLE_CAPABILITY("spinlock") Spinlock {
  public:
    constexpr explicit Spinlock(Rank rank)
        : rank_{rank} {}

    Spinlock(const Spinlock&) = delete;
    Spinlock& operator=(const Spinlock&) = delete;

    Rank rank() const { return rank_; }

  private:
    friend class SpinlockGuard;

    void lock() ACQUIRES() {
        // Acquire: pairs with the release store in unlock().
        while (held_.exchange(true, std::memory_order_acquire)) {
            while (held_.load(std::memory_order_relaxed)) {
                machine::pause();
            }
        }
    }

    // Release: pairs with the exchange in lock().
    void unlock() RELEASES() { held_.store(false, std::memory_order_release); }

    std::atomic<bool> held_{false};
    const Rank rank_;
};

/// Holds a Spinlock for a block, with interrupts off, and restores the interrupt state afterwards. Any context.
class HEDDLE_SCOPED_CAPABILITY SpinlockGuard {
  public:
    explicit SpinlockGuard(Spinlock& lock) ACQUIRES(lock)
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

} // namespace heddle::core::sync
