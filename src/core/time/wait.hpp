// SPDX-License-Identifier: BSD-2-Clause
// Waiting for a point in time on the kernel's one thread, with the CPU asleep and the console alive
// meanwhile.
#pragma once

#include "core/stop_token.hpp"
#include "core/time/deadline_queue.hpp"

namespace heddle::core::time {

/// Returns at `when` or soon after it, or as soon as `stop` is requested. In between it does what waits for a
/// thread (console::poll(): log lines, typed commands) and sleeps until the next interrupt.
/// Nanoseconds::never() waits for the stop alone. Thread context, interrupts on.
void wait_until(DeadlineQueue& deadlines, const StopToken& stop, Nanoseconds when);

} // namespace heddle::core::time
