/* SPDX-License-Identifier: BSD-2-Clause
   The exception vectors of EL1, and saving and restoring what they interrupt.

   The kernel runs on SP_EL0. The CPU switches to SP_EL1 by itself when it takes an exception, so a frame is always saved on
   the per-CPU frame stack, whatever the interrupted stack pointer was. C++ handlers run on SP_EL0 again, moved to a per-CPU
   stack of their own; a fault inside one lands here again and its frame goes below. Only what is in this file runs on
   SP_EL1, with all interrupts masked; an exception taken from it uses the third group of vectors and is the end. */
#include "offsets.h"

.macro vector number, handler
    .balign 0x80
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #FRAME_X(0)]
    mov     x0, #\number
    b       \handler
.endm

/* The stack pointer itself is not to be trusted: the frame goes where SErrors have theirs. x0 survives in a register that is
   programs' to read and nobody's yet. */
.macro hopeless_vector number
    .balign 0x80
    msr     tpidrro_el0, x0
    mrs     x0, tpidr_el1
    ldr     x0, [x0, #CPU_SERROR_STACK]
    sub     x0, x0, #FRAME_SIZE
    mov     sp, x0
    mrs     x0, tpidrro_el0
    stp     x0, x1, [sp, #FRAME_X(0)]
    mov     x0, #\number
    b       hopeless
.endm

/* From a program, user/entry.S: the frame goes to its kernel stack at once. x0 and x1 wait below the empty frame stack. */
.macro user_vector number, handler
    .balign 0x80
    stp     x0, x1, [sp, #-16]
    mrs     x1, tpidr_el1
    ldr     x0, [x1, #CPU_USER_STACK]
    sub     x0, x0, #FRAME_SIZE
    stp     x2, x3, [x0, #FRAME_X(2)]
    mov     x2, #\number
    b       \handler
.endm

    .section .vectors, "ax", %progbits
    vector  VECTOR_SP0_SYNCHRONOUS, synchronous
    vector  VECTOR_SP0_IRQ, interrupt
    vector  VECTOR_SP0_FIQ, synchronous
    vector  VECTOR_SP0_SERROR, serror
    hopeless_vector VECTOR_SP1_SYNCHRONOUS
    hopeless_vector VECTOR_SP1_SYNCHRONOUS + 1
    hopeless_vector VECTOR_SP1_SYNCHRONOUS + 2
    hopeless_vector VECTOR_SP1_SYNCHRONOUS + 3
    user_vector VECTOR_LOWER_SYNCHRONOUS, heddle_user_synchronous
    user_vector VECTOR_LOWER_IRQ, heddle_user_interrupt
    vector  VECTOR_LOWER_SYNCHRONOUS + 2, synchronous
    vector  VECTOR_LOWER_SYNCHRONOUS + 3, serror
    vector  VECTOR_LOWER_SYNCHRONOUS + 4, synchronous
    vector  VECTOR_LOWER_SYNCHRONOUS + 5, synchronous
    vector  VECTOR_LOWER_SYNCHRONOUS + 6, synchronous
    vector  VECTOR_LOWER_SYNCHRONOUS + 7, serror
    .balign 0x80

/* The rest of the frame: x0 and x1 are saved, x0 = vector. Leaves x0 = frame, x1 = CpuData, x29 = frame record. */
.macro save_frame
    stp     x2, x3, [sp, #FRAME_X(2)]
    stp     x4, x5, [sp, #FRAME_X(4)]
    stp     x6, x7, [sp, #FRAME_X(6)]
    stp     x8, x9, [sp, #FRAME_X(8)]
    stp     x10, x11, [sp, #FRAME_X(10)]
    stp     x12, x13, [sp, #FRAME_X(12)]
    stp     x14, x15, [sp, #FRAME_X(14)]
    stp     x16, x17, [sp, #FRAME_X(16)]
    stp     x18, x19, [sp, #FRAME_X(18)]
    stp     x20, x21, [sp, #FRAME_X(20)]
    stp     x22, x23, [sp, #FRAME_X(22)]
    stp     x24, x25, [sp, #FRAME_X(24)]
    stp     x26, x27, [sp, #FRAME_X(26)]
    stp     x28, x29, [sp, #FRAME_X(28)]
    mrs     x1, sp_el0
    stp     x30, x1, [sp, #FRAME_X(30)]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [sp, #FRAME_PC]
    mrs     x4, esr_el1
    mrs     x5, far_el1
    stp     x4, x5, [sp, #FRAME_ESR]
    stp     x29, x2, [sp, #FRAME_RECORD]
    stp     x0, xzr, [sp, #FRAME_VECTOR]
    add     x29, sp, #FRAME_RECORD
    mov     x0, sp
    mrs     x1, tpidr_el1
.endm

/* Calls C++ \handler(frame) on the stack whose top is in \stack. */
.macro call_on stack, handler
    msr     sp_el0, \stack
    msr     SPSel, #0
    bl      \handler
    msr     SPSel, #1
.endm

    .section .text.heddle_vectors, "ax", %progbits
synchronous:
    save_frame
    ldr     x2, [x1, #CPU_EXCEPTION_DEPTH]
    ldp     x3, x4, [x1, #CPU_EXCEPTION_STACK]
    cmp     x2, #1
    csel    x3, x3, x4, lo              /* the first handler's stack, or the second's */
    b.hi    on_nested_stack
    add     x2, x2, #1
    str     x2, [x1, #CPU_EXCEPTION_DEPTH]
    call_on x3, heddle_handle_exception
    mrs     x1, tpidr_el1
    ldr     x2, [x1, #CPU_EXCEPTION_DEPTH]
    sub     x2, x2, #1
    str     x2, [x1, #CPU_EXCEPTION_DEPTH]
    b       restore

interrupt:
    save_frame
    ldr     x3, [x1, #CPU_INTERRUPT_STACK]
    call_on x3, heddle_handle_interrupt
    b       restore

serror:
    save_frame
    ldr     x3, [x1, #CPU_SERROR_STACK]
    call_on x3, heddle_handle_exception

restore:
    ldp     x30, x1, [sp, #FRAME_X(30)]
    msr     sp_el0, x1
    ldp     x2, x3, [sp, #FRAME_PC]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x0, x1, [sp, #FRAME_X(0)]
    ldp     x2, x3, [sp, #FRAME_X(2)]
    ldp     x4, x5, [sp, #FRAME_X(4)]
    ldp     x6, x7, [sp, #FRAME_X(6)]
    ldp     x8, x9, [sp, #FRAME_X(8)]
    ldp     x10, x11, [sp, #FRAME_X(10)]
    ldp     x12, x13, [sp, #FRAME_X(12)]
    ldp     x14, x15, [sp, #FRAME_X(14)]
    ldp     x16, x17, [sp, #FRAME_X(16)]
    ldp     x18, x19, [sp, #FRAME_X(18)]
    ldp     x20, x21, [sp, #FRAME_X(20)]
    ldp     x22, x23, [sp, #FRAME_X(22)]
    ldp     x24, x25, [sp, #FRAME_X(24)]
    ldp     x26, x27, [sp, #FRAME_X(26)]
    ldp     x28, x29, [sp, #FRAME_X(28)]
    add     sp, sp, #FRAME_SIZE
    eret

hopeless:
    save_frame
    ldr     x4, [x1, #CPU_NESTED_STACK]
    b       1f
on_nested_stack:                        /* overwrites what the second handler had there: nobody returns to it */
1:  msr     sp_el0, x4
    msr     SPSel, #0
    bl      heddle_handle_hopeless
