// SPDX-License-Identifier: BSD-2-Clause
// One CPU: the others are not started yet, and the calling CPU can interrupt itself.
#include "core/machine/processors.hpp"

#include "core/component/component.hpp"
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/interrupt/controller.hpp"
#include "core/panic.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "trap/trap.hpp"

namespace heddle::amd64 {
namespace {

void handle_cross_call(std::uint8_t vector) {
    static_cast<void>(vector);
    local_apic().end_of_interrupt();
    core::cpu::handle_cross_calls();
}

Result<void> start(core::component::Wiring&) {
    set_vector_handler(cross_call_vector, handle_cross_call);
    return {};
}

HEDDLE_COMPONENT(processors_component){
    .name = "processors",
    .provides = {},
    .needs = core::component::interfaces<core::interrupt::Controller>,
    .start = start,
};

} // namespace
} // namespace heddle::amd64

namespace heddle::machine {

Result<void> start_processor(CpuId, const core::boot::CpuDescription&) {
    return fail(Error::not_supported);
}

std::uint64_t own_hardware_id() {
    return core::cpu::current().machine.apic_id;
}

void notify(CpuSet targets, Notification) {
    HEDDLE_ASSERT(targets == CpuSet::of(core::cpu::current().id));
    amd64::local_apic().interrupt_self(amd64::cross_call_vector);
}

CpuSet stop_others() {
    return {};
}

} // namespace heddle::machine
