// SPDX-License-Identifier: BSD-2-Clause
// The component that joins the clock device and the deadline queues, and gives log lines their time.
#include "core/time/deadlines.hpp"

#include "core/component/wiring.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/time/monotonic.hpp"

namespace heddle::core::time {
namespace {

constinit Deadlines deadlines;
constinit ClockDevice* clock = nullptr;

void expire_own(void*) {
    deadlines.own().expire();
}

Result<void> start(component::Wiring& wiring) {
    clock = &wiring.get<ClockDevice>();
    set_clock(clock);
    deadlines.create(*clock);
    clock->set_deadline_handler({expire_own, nullptr});
    wiring.provide(deadlines);
    return {};
}

void stop() {
    cpu::call(cpu::online(), [](void*) { clock->set_deadline(Nanoseconds::never()); }, nullptr);
}

} // namespace

HEDDLE_COMPONENT(deadlines_component){
    .name = "deadlines",
    .provides = component::interfaces<Deadlines>,
    .needs = component::interfaces<ClockDevice>,
    .start = start,
    .stop = stop,
};

} // namespace heddle::core::time
