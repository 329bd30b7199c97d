// SPDX-License-Identifier: BSD-2-Clause
// The fix-up table's entry, for assembler: where to go on when the instruction at a label faults.
#pragma once

// clang-format off: not C
// An exception in the kernel at `at` resumes at `resume` with every register as it was, but RAX the vector and RDX the
// error code. An instruction fetch that faults counts as one at its caller's return address, which is then popped.
        .macro FIXUP at, resume
        .pushsection .fixups, "a", @progbits
        .balign 4
        .long \at - .
        .long \resume - .
        .popsection
        .endm
