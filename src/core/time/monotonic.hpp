// SPDX-License-Identifier: BSD-2-Clause
// The monotonic clock for those who cannot be handed one: log lines of any context. Others take a
// ClockDevice.
#pragma once

#include "core/time/clock.hpp"

namespace heddle::core::time {

/// Nanoseconds since boot, 0 until the machine's clock is known. Any context.
Nanoseconds now();

/// The clock that now() reads from here on, which must live as long; null for none. Returns the one before.
/// Called when the machine's clock has started, and by tests.
const ClockDevice* set_clock(const ClockDevice* clock);

/// The longest wait(): more than that is for a Deadline.
inline constexpr Nanoseconds longest_wait = 10_ms;

/// Spins for at least `duration`, at most longest_wait. Any context. For devices that ask for a pause and
/// have no interrupt.
void wait(const ClockDevice& clock, Nanoseconds duration);

} // namespace heddle::core::time
