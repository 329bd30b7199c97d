// SPDX-License-Identifier: BSD-2-Clause
// For assembler and C++: instructions that are replaced once, during boot, where the CPU has better ones
// (cpu/features.cpp: patch_entry_paths()).
#pragma once

// clang-format off: not C
#define ALTERNATIVE_SMAP 0
#define ALTERNATIVE_FSGSBASE 1

#ifdef __ASSEMBLER__
// `usual`, or `better` and no-ops up to its length where the CPU has `feature`.
        .macro ALTERNATIVE feature, usual, better
.Lusual\@:
        \usual
.Lusual_end\@:
        .pushsection .rodata.better, "a", @progbits
.Lbetter\@:
        \better
.Lbetter_end\@:
        .popsection
        .pushsection .alternatives, "a", @progbits
        .balign 4
        .long .Lusual\@ - .
        .long .Lbetter\@ - .
        .short .Lusual_end\@ - .Lusual\@
        .byte .Lbetter_end\@ - .Lbetter\@
        .byte \feature
        .popsection
        .endm
#endif
