// SPDX-License-Identifier: BSD-2-Clause
// The exception table: instructions that may fault, and where to go on when they do. Filled by inline
// assembler.
#pragma once

#include "machine/trap_frame.hpp"

namespace heddle::aarch64 {

/// Sends `frame` to the landing point that its code registered for this fault, if there is one. `frame.pc()`
/// is in kernel code.
bool apply_fixup(machine::TrapFrame& frame);

} // namespace heddle::aarch64

/// Inside inline assembler: a fault at label `fault` continues at label `landing`, all registers as they
/// were.
#define HEDDLE_FIXUP(fault, landing)                                                                         \
    ".pushsection .fixups, \"a\"\n\t"                                                                        \
    ".balign 4\n\t"                                                                                          \
    ".long " fault " - .\n\t"                                                                                \
    ".long " landing " - .\n\t"                                                                              \
    ".popsection\n\t"
