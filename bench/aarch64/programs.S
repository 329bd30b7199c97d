/* SPDX-License-Identifier: BSD-2-Clause
   The programs of bench/entry.hpp: the argument is in x0, where a system call's result comes too. */

.macro program name
    .globl  heddle_bench_\name
    .hidden heddle_bench_\name
heddle_bench_\name:
.endm

    .section .rodata.heddle_bench_programs, "a", %progbits
    .balign 4
program programs
program program_calls
    mov     x19, x0
1:  svc     #0
    subs    x19, x19, #1
    b.ne    1b
    udf     #0
program program_nothing
    mov     x19, x0
1:  subs    x19, x19, #1
    b.ne    1b
    udf     #0
program programs_end
