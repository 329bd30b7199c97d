// SPDX-License-Identifier: BSD-2-Clause
// Counts interrupts between CPUs on their way to the machine.
#include "core/cpu/notify.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/sync/interrupts_off.hpp"

namespace heddle::core::cpu {

void send_notification(CpuSet targets, machine::Notification notification) {
    const sync::InterruptsOff off;
    // Relaxed: a figure of this CPU alone.
    std::atomic<std::uint64_t>& count = current().notifications;
    count.store(count.load(std::memory_order_relaxed) + targets.count(), std::memory_order_relaxed);
    machine::notify(targets, notification);
}

std::uint64_t notification_count() {
    std::uint64_t sum = 0;
    for (const CpuId cpu : online()) {
        sum += local(cpu).notifications.load(std::memory_order_relaxed);
    }
    return sum;
}

} // namespace heddle::core::cpu
