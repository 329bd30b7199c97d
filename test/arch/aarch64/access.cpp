// SPDX-License-Identifier: BSD-2-Clause
// A component of the test image that keeps what it was wired to.
#include "access.hpp"

#include "core/component/wiring.hpp"
#include "core/time/deadlines.hpp"

namespace heddle::test {
namespace {

using core::interrupt::Controller;
using core::time::ClockDevice;
using core::time::DeadlineQueue;

constinit Controller* controller = nullptr;
constinit ClockDevice* clock = nullptr;
constinit DeadlineQueue* queue = nullptr;

Result<void> start(core::component::Wiring& wiring) {
    controller = &wiring.get<Controller>();
    clock = &wiring.get<ClockDevice>();
    queue = &wiring.get<core::time::Deadlines>().own();
    return {};
}

HEDDLE_COMPONENT(access_component){
    .name = "aarch64-test-access",
    .provides = {},
    .needs = core::component::interfaces<Controller, ClockDevice, core::time::Deadlines>,
    .start = start,
};

} // namespace

Controller& interrupt_controller() {
    return *controller;
}

ClockDevice& clock_device() {
    return *clock;
}

DeadlineQueue& deadlines() {
    return *queue;
}

} // namespace heddle::test
