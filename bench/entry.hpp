// SPDX-License-Identifier: BSD-2-Clause
// What entry_bench.cpp needs of each machine: programs for user mode and an interrupt to take. In
// bench/<machine>/.
#pragma once

#include "lib/result.hpp"
#include "lib/units.hpp"

namespace heddle::bench {

/// Maps the programs of bench/<machine>/programs.S, so that user mode can run them on this CPU, and returns
/// where they begin; unmap_programs() takes them away again. Thread context.
Result<VirtAddr> map_programs();
void unmap_programs();

/// Has take_interrupt() end in a handler that returns at once; disconnect_interrupt() undoes that.
void connect_interrupt();
void disconnect_interrupt();

/// Raises that interrupt on this CPU and takes it, in kernel mode: its entry, the empty handler, its exit,
/// and whatever of raising and acknowledging the machine cannot do without (said where it is defined).
void take_interrupt();

} // namespace heddle::bench

extern "C" {
// Position-independent. Each repeats its loop as often as its argument says, then executes an undefined
// instruction; the two loops differ in one system call.
[[gnu::visibility("hidden")]] extern const char heddle_bench_programs[];
[[gnu::visibility("hidden")]] extern const char heddle_bench_program_calls[];
[[gnu::visibility("hidden")]] extern const char heddle_bench_program_nothing[];
[[gnu::visibility("hidden")]] extern const char heddle_bench_programs_end[];
}
