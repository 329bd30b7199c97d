// SPDX-License-Identifier: BSD-2-Clause
// Notifications by fixed interrupts through the local APIC; the stop by NMI, so that a CPU that has
// interrupts off stops too.
#include "processor/notify.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/processors.hpp"
#include "core/panic.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "machine/cpu.hpp"
#include "trap/trap.hpp"

#include <array>
#include <atomic>

namespace heddle::amd64 {
namespace {

using core::cpu::local;

/// How long stop_others() waits, in cycles: some tenths of a second. The clock may be what is broken.
constexpr std::uint64_t stop_time_out = 1ULL << 30;

/// CPUs that are to stop, and those that have, as the bits of CpuSets.
constinit std::atomic<std::uint64_t> to_stop{0};
constinit std::atomic<std::uint64_t> stopped{0};
constinit std::array<machine::TrapFrame, CpuId::limit> stopped_frames{};

void handle_cross_call(std::uint8_t) {
    core::cpu::handle_cross_calls();
    local_apic().end_of_interrupt();
}

/// What it is for happens on the way out.
void handle_reschedule(std::uint8_t) {
    local_apic().end_of_interrupt();
}

constexpr std::uint8_t vector_of(machine::Notification notification) {
    return notification == machine::Notification::cross_call ? cross_call_vector : reschedule_vector;
}

} // namespace

void set_notification_handlers() {
    set_vector_handler(cross_call_vector, handle_cross_call);
    set_vector_handler(reschedule_vector, handle_reschedule);
}

void stop_if_asked(const machine::TrapFrame& frame) {
    const CpuId self = core::cpu::current().id;
    // Acquire: pairs with the release in stop_others().
    if (!CpuSet::from_bits(to_stop.load(std::memory_order_acquire)).contains(self)) {
        return;
    }
    stopped_frames[self.value] = frame;
    // Release: pairs with the acquires in stop_others() and stopped_at().
    stopped.fetch_or(CpuSet::of(self).bits(), std::memory_order_release);
    machine::halt();
}

} // namespace heddle::amd64

namespace heddle::machine {

using namespace heddle::amd64;

/// The APIC takes the caller's earlier stores to be done: its registers are uncached, and x86 keeps stores in
/// order.
void notify(CpuSet targets, Notification notification) {
    for (const CpuId target : targets) {
        if (!local_apic().send(local(target).machine.apic_id, vector_of(notification))) {
            core::panic("the local APIC does not deliver an interrupt to CPU {}", target.value);
        }
    }
}

CpuSet stop_others() {
    const CpuSet others = core::cpu::online().without(core::cpu::current().id);
    // Release: pairs with the acquire in stop_if_asked().
    to_stop.store(others.bits(), std::memory_order_release);
    for (const CpuId other : others) {
        static_cast<void>(local_apic().send_non_maskable(local(other).machine.apic_id));
    }
    const std::uint64_t start = cycle_count();
    CpuSet found;
    do {
        pause();
        // Acquire: pairs with the release in stop_if_asked().
        found = CpuSet::from_bits(stopped.load(std::memory_order_acquire));
    } while (found != others && cycle_count() - start < stop_time_out);
    return found;
}

const TrapFrame* stopped_at(CpuId cpu) {
    // Acquire: pairs with the release in stop_if_asked().
    const bool has = CpuSet::from_bits(stopped.load(std::memory_order_acquire)).contains(cpu);
    return has ? &stopped_frames[cpu.value] : nullptr;
}

} // namespace heddle::machine
