// SPDX-License-Identifier: BSD-2-Clause
// Running a function on other CPUs, in their interrupt context: asynchronous with a node of the caller's, or
// waited for.
#pragma once

#include "core/cpu/inbox.hpp"
#include "lib/cpu_set.hpp"

#include <atomic>

namespace heddle::core::cpu {

/// A call on its way to one CPU. The caller owns the node and keeps it until done() (acquire: pairs with the
/// release when `function` has returned; that store is the target's last touch of the node).
class CrossCall {
  public:
    /// `function(argument)` runs on the target in interrupt context, interrupts off; it may not wait for
    /// anything that needs this CPU, nor use call().
    constexpr CrossCall(void (*function)(void*), void* argument)
        : function_{function}
        , argument_{argument} {}

    CrossCall(const CrossCall&) = delete;
    CrossCall& operator=(const CrossCall&) = delete;

    bool done() const { return done_.load(std::memory_order_acquire); }

  private:
    friend void post(CpuId target, CrossCall& call);
    friend struct PostedCalls;

    void (*function_)(void*);
    void* argument_;
    CrossCall* next_ = nullptr;
    std::atomic<bool> done_{true};
};

/// Sends `call` to `target`, which must be online; `call` must be done. Lock-free; any context. On the
/// calling CPU itself it runs by the same way, as an interrupt. Calls of one CPU to one target run in the
/// order of post().
void post(CpuId target, CrossCall& call);

/// Runs `function(argument)` on each of `targets` (offline ones are passed over, but for the caller) and
/// returns when all have finished; everywhere in interrupt context, on the caller directly. While waiting the
/// caller runs calls sent to it, so two CPUs that call each other do not deadlock; with a spinlock held it
/// must not be called (asserted), since a target may wait for that lock. Thread context, interrupts on or
/// off; not from a cross call's function (asserted).
void call(CpuSet targets, void (*function)(void*), void* argument);

/// Empties this CPU's inbox. Called by the machine for Notification::cross_call, in interrupt context.
void handle_cross_calls();

} // namespace heddle::core::cpu
