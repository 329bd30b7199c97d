// SPDX-License-Identifier: BSD-2-Clause
// The interfaces that this room's tests drive, taken from the composition as any component would.
#pragma once

#include "core/interrupt/controller.hpp"
#include "core/time/deadline_queue.hpp"

namespace heddle::test {

core::interrupt::Controller& interrupt_controller();
core::time::ClockDevice& clock_device();
core::time::DeadlineQueue& deadlines();

} // namespace heddle::test
