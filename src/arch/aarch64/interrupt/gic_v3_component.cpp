// SPDX-License-Identifier: BSD-2-Clause
// The GICv3 as a component.
#include "core/component/wiring.hpp"
#include "interrupt/gic_v3.hpp"

namespace heddle::aarch64 {
namespace {

using core::component::Wiring;

constinit GicV3 gic_v3;

bool applicable(const Wiring& wiring) {
    return wiring.boot_info().interrupts.kind == core::boot::InterruptControllerKind::gic_v3;
}

Result<void> start(Wiring& wiring) {
    TRY(gic_v3.initialise(wiring.boot_info().interrupts));
    TRY(gic_v3.initialise_cpu(wiring.boot_info()));
    set_interrupt_source(gic_v3);
    wiring.provide<core::interrupt::Controller>(gic_v3);
    return {};
}

HEDDLE_COMPONENT(gic_v3_component){
    .name = "gic-v3",
    .provides = core::component::interfaces<core::interrupt::Controller>,
    .needs = {},
    .applicable = applicable,
    .start = start,
};

} // namespace
} // namespace heddle::aarch64
