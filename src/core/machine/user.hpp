// SPDX-License-Identifier: BSD-2-Clause
// What core asks of the machine about user mode.
#pragma once

#include "lib/units.hpp"
#include "machine/trap_frame.hpp"

namespace heddle::machine {

/// Enters user mode with the registers of `frame` on this CPU; entries from there run on the calling stack,
/// below its present depth. Returns when a handler called leave_user(); `frame` then holds the registers as
/// they were at that entry. Thread context, interrupts on, not nested on one CPU. Values of `frame` that user
/// mode may not have (privileged flags, segments) are replaced by legal ones; an illegal program counter
/// faults the program.
void enter_user(TrapFrame& frame);

/// From a system-call or exception handler of user mode: abandons user mode and returns from enter_user().
/// Registers are in enter_user()'s frame.
[[noreturn]] void leave_user();

/// The system call in `frame`: number, arguments, and where the result goes (Linux's registers on both
/// machines).
std::uint64_t system_call_number(const TrapFrame& frame);
std::uint64_t system_call_argument(const TrapFrame& frame, unsigned index); ///< index 0 … 5
void set_system_call_result(TrapFrame& frame, std::uint64_t value);

/// Registers of a fresh program: all zero but the program counter, the stack pointer and one argument.
TrapFrame user_frame(VirtAddr program_counter, VirtAddr stack_pointer, std::uint64_t argument);

/// Copies with the program's rights, opening SMAP or PAN for the copy alone. Return the bytes not copied: 0,
/// or what was left at the first byte that faulted. The range was checked by core/user. Any context in which
/// faults may be taken.
std::size_t copy_from_user_unchecked(void* to, VirtAddr from, std::size_t size);
std::size_t copy_to_user_unchecked(VirtAddr to, const void* from, std::size_t size);
std::size_t clear_user_unchecked(VirtAddr to, std::size_t size);

/// Makes instructions written to `size` bytes at `begin` visible to instruction fetch on every CPU.
void synchronise_instructions(VirtAddr begin, std::size_t size);

} // namespace heddle::machine
