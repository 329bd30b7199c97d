// SPDX-License-Identifier: BSD-2-Clause
// Notifications, and the stop for a panic's report, by SGIs.
//
// A stop does not reach a CPU that has interrupts off and keeps them off: one that waits in vain for a lock,
// one in a handler that does not end. The GIC has no interrupt that cannot be masked; to have one by
// priority, every place that masks would have to do it by the priority mask instead of DAIF. The report says
// who did not stop.
#include "processor/notify.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/processors.hpp"
#include "core/panic.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"
#include "trap/trap.hpp"

#include <atomic>

namespace heddle::aarch64 {
namespace {

/// CPUs that have stopped, as the bits of a CpuSet.
constinit std::atomic<std::uint64_t> stopped{0};

[[noreturn]] void stop_here() {
    const core::cpu::CpuLocal& self = core::cpu::current();
    // Release: pairs with the acquire in stop_others() and stopped_at(): the frame that `interrupted` points
    // to is seen.
    stopped.fetch_or(CpuSet::of(self.id).bits(), std::memory_order_release);
    machine::halt();
}

} // namespace

void handle_sgi(Sgi sgi) {
    switch (sgi) {
    case Sgi::cross_call:
        // Inlined, its registers would be saved by every interrupt.
        [[clang::noinline]] core::cpu::handle_cross_calls();
        return;
    case Sgi::reschedule: return; // what it is for happens on the way out
    case Sgi::stop: stop_here();
    }
}

} // namespace heddle::aarch64

namespace heddle::machine {

void notify(CpuSet targets, Notification notification) {
    aarch64::InterruptSource* const source = aarch64::interrupt_source();
    if (source == nullptr) {
        core::panic("CPUs cannot be interrupted before there is an interrupt controller");
    }
    source->send(targets, notification == Notification::cross_call ? aarch64::Sgi::cross_call
                                                                   : aarch64::Sgi::reschedule);
}

CpuSet stop_others() {
    const CpuSet others = core::cpu::online().without(core::cpu::current().id);
    aarch64::InterruptSource* const source = aarch64::interrupt_source();
    if (others.empty() || source == nullptr) {
        return {};
    }
    source->send(others, aarch64::Sgi::stop);
    // By the counter, because the clock may be what is broken: some tenths of a second.
    const std::uint64_t patience = READ_SYSTEM_REGISTER(cntfrq_el0) / 4;
    const std::uint64_t begin = cycle_count();
    CpuSet found;
    do {
        pause();
        // Acquire: pairs with the release in stop_here().
        found = CpuSet::from_bits(aarch64::stopped.load(std::memory_order_acquire)) & others;
    } while (found != others && cycle_count() - begin < patience);
    return found;
}

const TrapFrame* stopped_at(CpuId cpu) {
    // Acquire: pairs with the release in stop_here().
    const CpuSet stopped = CpuSet::from_bits(aarch64::stopped.load(std::memory_order_acquire));
    return stopped.contains(cpu) ? core::cpu::local(cpu).machine.interrupted : nullptr;
}

} // namespace heddle::machine
