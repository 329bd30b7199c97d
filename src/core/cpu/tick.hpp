// SPDX-License-Identifier: BSD-2-Clause
// The tick: what keeps grace periods and limbo going on CPUs that are busy. A CPU that sleeps has none.
#pragma once

#include "lib/units.hpp"

namespace heddle::core::cpu {

/// How long a busy CPU may keep others waiting for its quiescent point.
inline constexpr Nanoseconds tick_period = 10_ms;

/// Has this CPU tick from now on: it is about to do something. Nothing before the component `tick` has
/// started. Interrupts off.
void start_tick();

/// Ends that: it is about to sleep. Interrupts off.
void stop_tick();

} // namespace heddle::core::cpu
