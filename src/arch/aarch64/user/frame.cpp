// SPDX-License-Identifier: BSD-2-Clause
// A program's registers: where system calls have their parts (AAPCS64 as Linux uses it), and what a fresh
// program starts with.
#include "core/machine/user.hpp"
#include "core/panic.hpp"

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

} // namespace heddle::machine
