// SPDX-License-Identifier: BSD-2-Clause
// What entry_bench.cpp needs of each machine: programs for user mode and an interrupt to take. In
// bench/<machine>/.
#pragma once

namespace heddle::bench {

/// Has take_interrupt() end in a handler that only acknowledges it; disconnect_interrupt() undoes that.
void connect_interrupt();
void disconnect_interrupt();

/// Raises that interrupt on this CPU and takes it, in kernel mode: its entry, the empty handler, its exit,
/// and whatever of raising and acknowledging the machine cannot do without (said where it is defined).
void take_interrupt();

} // namespace heddle::bench

extern "C" {
// Position-independent, in bench/<machine>/programs.S. Each repeats its loop as often as its argument says,
// then executes an undefined instruction; the two loops differ in one system call.
[[gnu::visibility("hidden")]] extern const char heddle_bench_programs[];
[[gnu::visibility("hidden")]] extern const char heddle_bench_program_calls[];
[[gnu::visibility("hidden")]] extern const char heddle_bench_program_nothing[];
[[gnu::visibility("hidden")]] extern const char heddle_bench_programs_end[];
}
