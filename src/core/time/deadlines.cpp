// SPDX-License-Identifier: BSD-2-Clause
// The component that joins the clock device and the deadline queue of the boot CPU, and gives log lines their
// time.
#include "core/component/wiring.hpp"
#include "core/time/deadline_queue.hpp"
#include "core/time/monotonic.hpp"
#include "lib/manual.hpp"
#include "machine/cpu.hpp"

namespace heddle::core::time {
namespace {

constinit Manual<DeadlineQueue> queue;
constinit ClockDevice* clock = nullptr;

Result<void> start(component::Wiring& wiring) {
    clock = &wiring.get<ClockDevice>();
    set_clock(clock);
    queue.construct(*clock);
    clock->set_deadline_handler(
        {[](void* argument) { static_cast<DeadlineQueue*>(argument)->expire(); }, &*queue});
    wiring.provide(*queue);
    return {};
}

void stop() {
    const auto interrupts = machine::save_and_disable_interrupts();
    clock->set_deadline(Nanoseconds::never());
    machine::restore_interrupts(interrupts);
}

} // namespace

HEDDLE_COMPONENT(deadlines_component){
    .name = "deadlines",
    .provides = component::interfaces<DeadlineQueue>,
    .needs = component::interfaces<ClockDevice>,
    .start = start,
    .stop = stop,
};

} // namespace heddle::core::time
