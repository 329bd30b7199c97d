// SPDX-License-Identifier: BSD-2-Clause
// Which CPUs run, and how the others were brought up.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/boot/command_line.hpp"
#include "lib/cpu_set.hpp"

namespace heddle::core::cpu {

/// The CPUs that take part: they service cross calls and count for grace periods. Grows during start_others() only. Any context.
CpuSet online();

/// Starts every CPU that `boot_info` describes, at most CpuId::limit and at most the option `cpus=N`, one after the other.
/// One that does not arrive within a second is named by its hardware id in the log and left out for good; those
/// beyond the limit are counted in the log. Boot thread, interrupts on, clock running.
void start_others(boot::BootInfo& boot_info, const boot::CommandLine& command_line);

/// Where the machine's entry code hands over a started CPU: makes it online and runs its idle loop for ever.
[[noreturn]] void secondary_main();

/// Runs work as it comes (WorkQueue), sleeps in between; while asleep the CPU is away (quiescence.hpp). Returns when
/// `until(argument)` says so; null: never. Thread context, interrupts on.
void idle(bool (*until)(void*) = nullptr, void* argument = nullptr);

} // namespace heddle::core::cpu
