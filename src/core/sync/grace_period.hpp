// SPDX-License-Identifier: BSD-2-Clause
// Grace periods: waiting, or being told, until every read section that may hold an old reference has ended.
#pragma once

#include <cstddef>

namespace heddle::core::sync {

/// Returns when all read sections that were open at the call have ended. The caller passes through a
/// quiescent state. Thread context, interrupts on, in no read section, no spinlock held (asserted).
void synchronize();

/// Something to be done after a grace period. A member of the object that is to be freed.
struct DeferredCallback {
    /// Gets this very callback; may free the object around it, or defer it again.
    void (*function)(DeferredCallback& callback) = nullptr;
    DeferredCallback* next = nullptr; ///< the queue's
};

/// Calls `callback.function(callback)` once, when all read sections that are open now have ended, in thread
/// context of some CPU's idle loop (later: a thread's). Any context. Nothing is allocated, so it cannot fail.
void defer(DeferredCallback& callback);

/// Runs the callbacks whose grace period has passed and begins the next grace period if any wait for one;
/// returns how many ran. Called by idle loops. Thread context, interrupts on.
std::size_t run_deferred();

/// Whether run_deferred() would run any; begins a grace period if callbacks wait for one and none runs.
/// Called by the tick and by idle loops before they sleep. Any context that may take Rank::grace_period.
bool deferred_ready();

} // namespace heddle::core::sync
