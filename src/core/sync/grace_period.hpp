// SPDX-License-Identifier: BSD-2-Clause
// Grace periods: waiting, or being told, until every read section that may hold an old reference has ended.
#pragma once

#include "core/cpu/quiescence.hpp"
#include "lib/intrusive.hpp"

namespace heddle::core::sync {

/// Returns when all read sections that were open at the call have ended. The caller passes through a quiescent state. Thread context,
/// interrupts on, in no read section (asserted), no spinlock held.
void synchronize();

/// Something to be done after a grace period. A member of the object that is to be freed.
struct DeferredCallback {
    void (*function)(DeferredCallback& callback) = nullptr;
    StackHook hook;
    cpu::Stamp stamp;
};

/// Calls `callback.function(callback)` after a grace period, in thread context of some CPU's idle loop (later: a thread's). Any context.
/// Nothing is allocated, so it cannot fail.
void defer(DeferredCallback& callback);

/// Runs the callbacks whose grace period has passed; returns how many. Called by idle loops and ticks' work. Thread context.
std::size_t run_deferred();

} // namespace heddle::core::sync
