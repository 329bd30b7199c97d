// SPDX-License-Identifier: BSD-2-Clause
// One CPU: the others are not started yet, and the calling CPU interrupts itself by a call.
#include "core/machine/processors.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/interrupt/context.hpp"
#include "core/panic.hpp"
#include "machine/cpu.hpp"

namespace heddle::machine {

Result<void> start_processor(CpuId, const core::boot::CpuDescription&) {
    return fail(Error::not_supported);
}

std::uint64_t own_hardware_id() {
    return core::cpu::current().machine.apic_id;
}

void notify(CpuSet targets, Notification notification) {
    if (targets != CpuSet::of(core::cpu::current().id)) {
        core::panic("there is no way to interrupt another CPU");
    }
    if (notification == Notification::cross_call) {
        const auto interrupts = save_and_disable_interrupts();
        {
            const core::interrupt::ContextGuard context;
            core::cpu::handle_cross_calls();
        }
        restore_interrupts(interrupts);
    }
}

CpuSet stop_others() {
    return {};
}

} // namespace heddle::machine
