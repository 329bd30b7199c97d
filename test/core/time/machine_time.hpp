// SPDX-License-Identifier: BSD-2-Clause
// The booted machine's clock and timers, for tests that need the real ones.
#pragma once

#include "core/time/deadline_queue.hpp"
#include "core/time/wall_clock.hpp"

namespace heddle::test {

core::time::ClockDevice& machine_clock();
core::time::DeadlineQueue& machine_deadlines();
core::time::WallClock& machine_wall_clock();

} // namespace heddle::test
