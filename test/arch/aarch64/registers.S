/* SPDX-License-Identifier: BSD-2-Clause
   void name(const Registers& in, Registers& out): all of x0 … x30 and the flags hold patterns across \trigger. Only the stack
   pointer is real, and what is needed afterwards is found through it. */

.macro across name, trigger:vararg
    .globl  \name
    .type   \name, %function
\name:
    bti     c
    stp     x29, x30, [sp, #-112]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    str     x1, [sp, #96]
    adrp    x2, heddle_test_stack_pointer   /* of whichever CPU was here last */
    mov     x3, sp
    str     x3, [x2, :lo12:heddle_test_stack_pointer]
    ldr     x2, [x0, #248]
    msr     nzcv, x2
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x20, x21, [x0, #160]
    ldp     x22, x23, [x0, #176]
    ldp     x24, x25, [x0, #192]
    ldp     x26, x27, [x0, #208]
    ldp     x28, x29, [x0, #224]
    ldr     x30, [x0, #240]
    ldp     x0, x1, [x0]
    \trigger
    str     x0, [sp, #104]
    ldr     x0, [sp, #96]
    str     x1, [x0, #8]
    stp     x2, x3, [x0, #16]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    str     x30, [x0, #240]
    mrs     x2, nzcv
    str     x2, [x0, #248]
    ldr     x1, [sp, #104]
    str     x1, [x0]
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #112
    ret
    .size   \name, . - \name
.endm

.macro breakpoint
    brk     #0x7e57
.endm

.macro system_call
    svc     #0x7e57
.endm

.macro open_and_shut
    msr     daifclr, #2
    nop
    msr     daifset, #2
.endm

    .section .text.heddle_test_registers, "ax", %progbits
    across  heddle_test_across_breakpoint, breakpoint
    across  heddle_test_across_system_call, system_call
    across  heddle_test_across_interrupt, open_and_shut

    .section .bss.heddle_test_stack_pointer, "aw", %nobits
    .balign 8
    .globl  heddle_test_stack_pointer
heddle_test_stack_pointer:
    .skip   8
