// SPDX-License-Identifier: BSD-2-Clause
// What a CPU is at, from its data alone: for reports on CPUs that cannot be asked.
#pragma once

#include "lib/format.hpp"
#include "lib/units.hpp"

namespace heddle::core {

/// Writes a line for each thing that CPU `cpu` holds, waits for or owes: spinlocks with their places and
/// holders (test images), unanswered cross calls, read sections, handlers, sleep. Nothing when there is
/// nothing. Looks without a lock at data that the CPU may be changing: true of one that has stopped or hangs.
/// Any context.
void write_cpu_state(Writer& writer, CpuId cpu);

/// The CPU that `cpu` waits for in the end: the holder of the spinlock that it waits for, and so on; `cpu`
/// itself when it waits for none, or nothing is noted. Context as above.
CpuId last_waited_for(CpuId cpu);

} // namespace heddle::core
