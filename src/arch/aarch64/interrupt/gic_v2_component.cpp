// SPDX-License-Identifier: BSD-2-Clause
// The GICv2 as a component.
#include "core/component/wiring.hpp"
#include "interrupt/gic_v2.hpp"

namespace heddle::aarch64 {
namespace {

using core::component::Wiring;

constinit GicV2 gic_v2;

bool applicable(const Wiring& wiring) {
    return wiring.boot_info().interrupts.kind == core::boot::InterruptControllerKind::gic_v2;
}

Result<void> start(Wiring& wiring) {
    TRY(gic_v2.initialise(wiring.boot_info().interrupts));
    set_interrupt_source(gic_v2);
    wiring.provide<core::interrupt::Controller>(gic_v2);
    return {};
}

HEDDLE_COMPONENT(gic_v2_component){
    .name = "gic-v2",
    .provides = core::component::interfaces<core::interrupt::Controller>,
    .needs = {},
    .applicable = applicable,
    .start = start,
};

} // namespace
} // namespace heddle::aarch64
