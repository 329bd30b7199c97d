// SPDX-License-Identifier: BSD-2-Clause
// A program's registers: where system calls have their parts (AAPCS64 as Linux uses it), and what a fresh
// program starts with.
#include "core/machine/user.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"
#include "trap/fixup.hpp"

namespace heddle::machine {

std::uint64_t system_call_number(const TrapFrame& frame) {
    return frame.x[8];
}

std::uint64_t system_call_argument(const TrapFrame& frame, unsigned index) {
    HEDDLE_ASSERT(index < 6);
    return frame.x[index];
}

void set_system_call_result(TrapFrame& frame, std::uint64_t value) {
    frame.x[0] = value;
}

/// PSTATE 0 is EL0 with nothing masked.
TrapFrame user_frame(VirtAddr program_counter, VirtAddr stack_pointer, std::uint64_t argument) {
    TrapFrame frame{};
    frame.x[0] = argument;
    frame.program_counter = program_counter.value;
    frame.stack_pointer = stack_pointer.value;
    return frame;
}

/// Cleaned to where instruction fetches look, then dropped from all CPUs' instruction caches (Arm ARM
/// B2.7.4.2). What runs in user mode next gets there by an exception return, which discards what was fetched
/// before. A fault, where the program has nothing, skips that line.
void synchronise_instructions(VirtAddr begin, std::size_t size) {
    constexpr std::uint64_t shortest_line = 16;
    for (std::uint64_t at = align_down(begin.value, shortest_line); at < begin.value + size;
         at += shortest_line) {
        asm volatile("1: dc cvau, %0\n"
                     "2:\n\t" HEDDLE_FIXUP("1b", "2b")::"r"(at)
                     : "memory");
    }
    asm volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" ::: "memory");
}

} // namespace heddle::machine
