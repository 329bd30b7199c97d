// SPDX-License-Identifier: BSD-2-Clause
// The programs of bench/entry.hpp: the argument is in RDI.

        .macro PROGRAM name
        .globl heddle_bench_\name
        .hidden heddle_bench_\name
heddle_bench_\name:
        .endm

        .section .rodata.bench_programs, "a", @progbits
PROGRAM programs
PROGRAM program_calls
1:      syscall
        decq %rdi
        jnz 1b
        ud2
PROGRAM program_nothing
1:      decq %rdi
        jnz 1b
        ud2
PROGRAM programs_end

        .section .note.GNU-stack, "", @progbits
