// SPDX-License-Identifier: BSD-2-Clause
// One CPU: the others are not started yet, and the calling CPU can interrupt itself.
#include "core/machine/processors.hpp"

#include "core/component/component.hpp"
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/panic.hpp"

namespace heddle::aarch64 {
namespace {

using core::interrupt::Controller;

/// The first software-generated interrupt.
constexpr core::interrupt::InterruptId cross_call_interrupt{0};

constinit Controller* controller = nullptr;

Result<void> start(core::component::Wiring& wiring) {
    controller = &wiring.get<Controller>();
    return core::interrupt::connect(*controller, cross_call_interrupt, core::interrupt::Trigger::edge,
                                    core::interrupt::Polarity::high,
                                    {[](void*) { core::cpu::handle_cross_calls(); }, nullptr});
}

HEDDLE_COMPONENT(processors_component){
    .name = "processors",
    .provides = {},
    .needs = core::component::interfaces<Controller>,
    .start = start,
};

} // namespace
} // namespace heddle::aarch64

namespace heddle::machine {

Result<void> start_processor(CpuId, const core::boot::CpuDescription&) {
    return fail(Error::not_supported);
}

std::uint64_t own_hardware_id() {
    return core::cpu::current().machine.affinity;
}

void notify(CpuSet targets, Notification) {
    HEDDLE_ASSERT(targets == CpuSet::of(core::cpu::current().id));
    const auto raised = aarch64::controller->raise(aarch64::cross_call_interrupt);
    HEDDLE_ASSERT(raised.has_value());
}

CpuSet stop_others() {
    return {};
}

const TrapFrame* stopped_at(CpuId) {
    return nullptr;
}

} // namespace heddle::machine
