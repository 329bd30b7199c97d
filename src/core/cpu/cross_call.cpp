// SPDX-License-Identifier: BSD-2-Clause
// Two ways into a CPU's inbox: nodes in a list for calls that nobody waits for, and one slot of the caller's
// with a bit in the target's word for those that are waited for. The second needs no memory per pair of CPUs
// and publishes no stack address.
#include "core/cpu/cross_call.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/interrupt/context.hpp"
#include "core/panic.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/lock_order.hpp"
#include "core/sync/read_section.hpp"
#include "core/test_hooks/sync_point.hpp"

#include <utility>

namespace heddle::core::cpu {

/// The list of posted nodes once it is taken out of the inbox.
struct PostedCalls {
    /// Latest first to earliest first.
    static CrossCall* reversed(CrossCall* list) {
        CrossCall* result = nullptr;
        while (list != nullptr) {
            CrossCall* const next = std::exchange(list->next_, result);
            result = std::exchange(list, next);
        }
        return result;
    }

    static void run(CrossCall* list) {
        while (list != nullptr) {
            CrossCall& call = *list;
            list = call.next_;
            call.function_(call.argument_);
            // Release: pairs with the acquire in done(). The node is the caller's again.
            call.done_.store(true, std::memory_order_release);
        }
    }
};

namespace {

void run_broadcast(CpuId caller, CpuId self) {
    Broadcast& broadcast = local(caller).broadcast;
    broadcast.function(broadcast.argument);
    // Release: pairs with the acquire in call(). The slot is the caller's again when the last bit is cleared.
    broadcast.pending.fetch_and(~CpuSet::of(self).bits(), std::memory_order_release);
}

/// Hands `function` to `others` through this CPU's slot.
void send(CpuLocal& self, CpuSet others, void (*function)(void*), void* argument) {
    Broadcast& broadcast = self.broadcast;
    // Relaxed: only this CPU sets it, and the last call has seen it become 0.
    HEDDLE_ASSERT(broadcast.pending.load(std::memory_order_relaxed) == 0);
    broadcast.function = function;
    broadcast.argument = argument;
    broadcast.pending.store(others.bits(), std::memory_order_relaxed);
    for (const CpuId target : others) {
        // Release: pairs with the acquire in handle_cross_calls(), the slot is filled.
        local(target).inbox.callers.fetch_or(CpuSet::of(self.id).bits(), std::memory_order_release);
    }
    send_notification(others, machine::Notification::cross_call);
}

/// With interrupts on they do this. With interrupts off a CPU that waits has to look for itself.
void serve_while_waiting() {
    if (!machine::interrupts_enabled()) {
        const interrupt::ContextGuard context;
        handle_cross_calls();
    }
    machine::pause();
}

} // namespace

// Two posters P and Q, target T:
//
//     A P: next = null, head = P (release)          D T: takes the list, head = null (acquire)
//     B Q: next = P,    head = Q (release)          E T: runs P, then Q
//     C P: interrupts T, because the list was empty at A
//
// D sees B and, because B continues the release sequence that A heads, also what P wrote before A. Q sends no
// interrupt: P's is on its way, at most some instructions late since P has interrupts off from A to C. If D
// comes between A and B, the list is empty at B and Q sends its own.
void post(CpuId target, CrossCall& call) {
    HEDDLE_ASSERT(call.done());
    HEDDLE_ASSERT(online().contains(target));
    const sync::InterruptsOff off;
    Inbox& inbox = local(target).inbox;
    // Relaxed: the push below publishes it with the node.
    call.done_.store(false, std::memory_order_relaxed);
    CrossCall* head = inbox.posted.load(std::memory_order_relaxed);
    do {
        call.next_ = head;
        // Release: pairs with the acquire in handle_cross_calls().
    } while (!inbox.posted.compare_exchange_weak(head, &call, std::memory_order_release,
                                                 std::memory_order_relaxed));
    test_hooks::sync_point("post: pushed");
    if (head == nullptr) {
        send_notification(CpuSet::of(target), machine::Notification::cross_call);
    }
}

void handle_cross_calls() {
    CpuLocal& self = current();
    // Acquire: pairs with the release in post().
    PostedCalls::run(PostedCalls::reversed(self.inbox.posted.exchange(nullptr, std::memory_order_acquire)));
    // Acquire: pairs with the release in send().
    for (const CpuId caller : CpuSet::from_bits(self.inbox.callers.exchange(0, std::memory_order_acquire))) {
        run_broadcast(caller, self.id);
    }
}

void call(CpuSet targets, void (*function)(void*), void* argument) {
    HEDDLE_ASSERT(!in_interrupt());
    sync::assert_no_spinlock_held();
    const sync::ReadSection pinned; // the slot is this CPU's
    CpuLocal& self = current();
    const CpuSet others = (targets & online()).without(self.id);
    if (!others.empty()) {
        send(self, others, function, argument);
    }
    if (targets.contains(self.id)) {
        const sync::InterruptsOff off;
        const interrupt::ContextGuard context;
        function(argument);
    }
    // Acquire: pairs with the release in run_broadcast().
    while (self.broadcast.pending.load(std::memory_order_acquire) != 0) {
        serve_while_waiting();
    }
}

} // namespace heddle::core::cpu
