// SPDX-License-Identifier: BSD-2-Clause
// A trap frame in print.
#include "core/machine/machine.hpp"

namespace heddle::machine {

void print_registers(Writer& writer, const TrapFrame& frame) {
    for (std::size_t i = 0; i < frame.x.size(); ++i) {
        format_to(writer, "x{:<2} {:016x}{}", i, frame.x[i], i % 4 == 3 ? "\n" : "  ");
    }
    format_to(writer, "sp  {:016x}\n", frame.stack_pointer);
    format_to(writer, "pc  {:016x}  pstate {:08x}  esr {:08x}  far {:016x}\n", frame.program_counter,
              frame.pstate, frame.syndrome, frame.fault_address);
}

} // namespace heddle::machine
