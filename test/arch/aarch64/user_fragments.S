/* SPDX-License-Identifier: BSD-2-Clause
   Position-independent pieces of programs: copied into user memory and run there. test/user/fragments.hpp says what each does. */

.macro fragment name
    .globl  heddle_fragment_\name
    .hidden heddle_fragment_\name
heddle_fragment_\name:
.endm

    .section .rodata.user_fragments, "a", %progbits
    .balign 4
fragment begin
fragment calls
    svc     #0
    b       heddle_fragment_calls
fragment read
    ldr     x1, [x0]
    svc     #0
fragment read_often
    ldr     x1, [x0]
    b       heddle_fragment_read_often
fragment write
    str     x1, [x0]
    svc     #0
fragment jump
    br      x0
fragment undefined
    udf     #0
fragment privileged
    msr     daifset, #2
fragment spin
    b       heddle_fragment_spin
fragment end
