// SPDX-License-Identifier: BSD-2-Clause
// The check of lock ranks in test images: each CPU's held spinlocks, and a panic that names both places.
#pragma once

#include "lib/config.hpp"

namespace heddle::core::sync {

class Spinlock;

namespace detail {

/// Panics when `lock` must not be taken now by its rank, else notes it as held. Interrupts off. `waits` is
/// false for an attempt that gives up at once: that cannot deadlock, whatever the order. The caller's return
/// address is the site.
[[gnu::noinline]] void note_taken(const Spinlock& lock, bool waits);

/// Whether this CPU waits for the lock that it noted last: for reports, who holds it. Interrupts off.
void note_waiting(bool waits);

/// Interrupts off.
void note_released(const Spinlock& lock);

/// Panics when this CPU holds a spinlock, and names it.
[[gnu::noinline]] void check_none_held();

} // namespace detail

/// For what waits for other CPUs: one of them may wait for a lock that the caller holds. Test images panic if
/// it holds one.
inline void assert_no_spinlock_held() {
    if constexpr (config::assertions) {
        detail::check_none_held();
    }
}

} // namespace heddle::core::sync
