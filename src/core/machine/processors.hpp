// SPDX-License-Identifier: BSD-2-Clause
// What core asks of the machine about its other CPUs: starting them, and telling them something.
#pragma once

#include "core/boot/boot_info.hpp"
#include "lib/cpu_set.hpp"
#include "lib/result.hpp"
#include "machine/trap_frame.hpp"

namespace heddle::machine {

/// Why a CPU is interrupted by another.
enum class Notification : std::uint8_t {
    cross_call, ///< look into your inbox: core::cpu::handle_cross_calls()
    reschedule, ///< nothing but the way out of the interrupt: leave idle, run the return-to-user work
};

/// Starts CPU `id`, which `description` names to the machine: it arrives in core::cpu::secondary_main() with
/// its CpuLocal, exception vectors and stacks set up, interrupts off. Does not wait for that. Errors: what
/// the firmware says (PSCI), out_of_memory. Boot thread.
Result<void> start_processor(CpuId id, const core::boot::CpuDescription& description);

/// The hardware id of the calling CPU, as CpuDescription has it.
std::uint64_t own_hardware_id();

/// Interrupts each of `targets` (the caller itself allowed). What the caller stored before, the handlers see.
/// Any context.
void notify(CpuSet targets, Notification notification);

/// Makes every other online CPU stop for good and keep its registers for a report, also where it runs with
/// interrupts off as far as the machine can (NMI). Returns after a bounded time the set of those that did.
/// For panic; any context.
CpuSet stop_others();

/// The registers of `cpu` where stop_others() stopped it; null when it did not. Any context.
const TrapFrame* stopped_at(CpuId cpu);

} // namespace heddle::machine
