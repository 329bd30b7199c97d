// SPDX-License-Identifier: BSD-2-Clause
// The check of lock ranks in test images: each CPU's held spinlocks, and a panic that names both places.
#pragma once

#include <cstdint>

namespace heddle::core::sync {

class Spinlock;

namespace detail {

/// Panics when `lock` must not be taken now by its rank, else notes it as held. Interrupts off. `waits` is
/// false for an attempt that gives up at once: that cannot deadlock, whatever the order. The caller's return
/// address is the site.
[[gnu::noinline]] void note_taken(const Spinlock& lock, bool waits);

/// Interrupts off.
void note_released(const Spinlock& lock);

} // namespace detail
} // namespace heddle::core::sync
