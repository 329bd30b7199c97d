// SPDX-License-Identifier: BSD-2-Clause
// Bringing up the CPUs beside the boot CPU. Who they are then: online.hpp.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/boot/command_line.hpp"
#include "core/interrupt/controller.hpp"
#include "core/time/clock.hpp"

namespace heddle::core::cpu {

/// Starts every CPU that `boot_info` describes, at most CpuId::limit and at most the option `cpus=N`, one
/// after the other. One that the machine cannot start, or that does not arrive within a second, is named by
/// its hardware id in the log and left out for good, its CpuId with it; those beyond the limit are counted in
/// the log. Boot thread, interrupts on, once, when all components have started: each CPU readies its parts of
/// `controller` and `clock` first.
void start_others(const boot::BootInfo& boot_info, const boot::CommandLine& command_line,
                  interrupt::Controller& controller, time::ClockDevice& clock);

/// Where the machine's entry code hands over a started CPU, with its CpuLocal, exception vectors and stacks
/// in place and interrupts off: makes it online and runs its idle loop for ever.
[[noreturn]] void secondary_main();

} // namespace heddle::core::cpu
