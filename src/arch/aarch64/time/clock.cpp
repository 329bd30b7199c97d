// SPDX-License-Identifier: BSD-2-Clause
// The generic timer as the kernel's clock device, and its component.
#include "time/clock.hpp"

#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/log/log.hpp"
#include "core/panic.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"

#include <algorithm>

namespace heddle::aarch64 {
namespace {

/// CNTV_CTL_EL0.
constexpr std::uint64_t timer_on = 1;
constexpr std::uint64_t timer_off = 0;

} // namespace

Result<void> GenericTimer::initialise(std::uint64_t zero) {
    const std::uint64_t frequency = READ_SYSTEM_REGISTER(cntfrq_el0);
    if (frequency < CounterScale::slowest || frequency > CounterScale::fastest) {
        core::log::error("generic timer: firmware says that it runs at {} Hz", frequency);
        return fail(Error::not_supported);
    }
    scale_ = CounterScale{frequency};
    // The counter's offset was firmware's when the kernel began, if that was at EL2.
    zero_ = std::min(zero, machine::cycle_count());
    WRITE_SYSTEM_REGISTER(cntv_ctl_el0, timer_off);
    return {};
}

Nanoseconds GenericTimer::now() const {
    return scale_.to_time(machine::cycle_count() - zero_);
}

void GenericTimer::set_deadline(Nanoseconds deadline) {
    if (deadline == Nanoseconds::never()) {
        WRITE_SYSTEM_REGISTER(cntv_ctl_el0, timer_off);
    } else {
        const std::uint64_t steps = scale_.to_steps(deadline);
        const bool reachable = steps < UINT64_MAX - zero_;
        WRITE_SYSTEM_REGISTER(cntv_cval_el0, reachable ? steps + zero_ : UINT64_MAX);
        WRITE_SYSTEM_REGISTER(cntv_ctl_el0, timer_on);
    }
    instruction_barrier();
}

void GenericTimer::handle_interrupt() {
    WRITE_SYSTEM_REGISTER(cntv_ctl_el0, timer_off);
    instruction_barrier();
    if (handler_.function == nullptr) {
        core::panic("generic timer: a deadline has come and nobody is told");
    }
    handler_.function(handler_.argument);
}

namespace {

using core::component::Wiring;
using core::interrupt::InterruptId;

constinit GenericTimer generic_timer;
constinit core::interrupt::Controller* controller = nullptr;
constinit InterruptId line;

} // namespace

Result<void> GenericTimer::start_on_this_cpu() {
    WRITE_SYSTEM_REGISTER(cntv_ctl_el0, timer_off);
    return controller->enable(line, core::interrupt::Trigger::level, core::interrupt::Polarity::low,
                              core::cpu::current().id);
}

namespace {

Result<void> start(Wiring& wiring) {
    TRY(generic_timer.initialise(wiring.boot_info().first_cycle));
    controller = &wiring.get<core::interrupt::Controller>();
    line = InterruptId{wiring.boot_info().timer.virtual_interrupt};
    if (line == InterruptId{}) {
        core::log::error("generic timer: nothing says which interrupt the virtual timer raises");
        return fail(Error::not_found);
    }
    const core::interrupt::Handler handler{
        [](void* timer) { static_cast<GenericTimer*>(timer)->handle_interrupt(); }, &generic_timer};
    TRY(core::interrupt::connect(*controller, line, core::interrupt::Trigger::level,
                                 core::interrupt::Polarity::low, handler));
    wiring.provide<core::time::ClockDevice>(generic_timer);
    return {};
}

void stop() {
    WRITE_SYSTEM_REGISTER(cntv_ctl_el0, timer_off);
    core::interrupt::disconnect(*controller, line);
}

HEDDLE_COMPONENT(generic_timer_component){
    .name = "generic-timer",
    .provides = core::component::interfaces<core::time::ClockDevice>,
    .needs = core::component::interfaces<core::interrupt::Controller>,
    .start = start,
    .stop = stop,
};

} // namespace
} // namespace heddle::aarch64
