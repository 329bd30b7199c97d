// SPDX-License-Identifier: BSD-2-Clause
// What a CPU does that has nothing to do, and how it is told that there is something.
#pragma once

namespace heddle::core::cpu {

/// Runs work as it comes (work_queue.hpp), deferred callbacks, the reaper of limbo and the log, and sleeps in
/// between; while asleep the CPU is away (quiescence.hpp). Returns when `until(argument)` says so; null:
/// never. Whoever makes that true notifies this CPU (Notification::reschedule). `until` is called with
/// interrupts off. Thread context, interrupts on, in no read section.
void idle(bool (*until)(void*) = nullptr, void* argument = nullptr);

/// Sleeps until `until(argument)` says so and does nothing else meanwhile: for a caller that must not run
/// other work on its stack. Otherwise as idle().
void sleep_until(bool (*until)(void*), void* argument);

/// Wakes a CPU that sleeps in idle(), if there is one, after something was made ready that idle loops look
/// for. Any context.
void wake_one();

} // namespace heddle::core::cpu
