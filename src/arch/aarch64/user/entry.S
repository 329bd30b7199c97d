/* SPDX-License-Identifier: BSD-2-Clause
   Into user mode and out of it.

   The stack of a kernel thread whose program runs, from high to low: what called heddle_run_user, its saved registers, the frame
   of the last entry from the program (both found through CpuData), and then whatever the handlers of that entry use. The
   kernel runs on SP_EL0, so a program's entry moves there; SP_EL1 stays where it is, empty, while a program runs.

   Twice, `plain` and `signing`: the second exchanges the key for return addresses. The kernel signs with key A for instructions
   alone; a program's other keys stay in their registers (cpu/protection.hpp). */
#include "trap/frame_macros.h"

#define SAVED_SIZE 112
#define SAVED_RESULT 96

/* The frame from \from to \to, in assembler because one of them may lie below the stack pointer; x9-x12 are lost. */
.macro copy_frame from, to
    mov     x9, #FRAME_SIZE
1:  sub     x9, x9, #16
    add     x12, \from, x9
    ldp     x10, x11, [x12]
    add     x12, \to, x9
    stp     x10, x11, [x12]
    cbnz    x9, 1b
.endm

/* From user_vector (trap/vectors.S): x0 = frame, x1 = CpuData, x4 = syndrome. */
.macro user_paths variant, signing
    .globl  heddle_user_synchronous_\variant, heddle_user_return_end_\variant
    .globl  heddle_user_interrupt_\variant, heddle_user_interrupt_end_\variant
    .hidden heddle_user_synchronous_\variant, heddle_user_return_end_\variant
    .hidden heddle_user_interrupt_\variant, heddle_user_interrupt_end_\variant

heddle_user_synchronous_\variant:
  .if \signing
    set_key x1, CPU_KEY, x2, x3
    isb
  .endif
    add     x29, x0, #FRAME_RECORD
    msr     sp_el0, x0
    ubfx    x5, x4, #26, #6             /* the exception class */
    msr     SPSel, #0
    cmp     x5, #0x15                   /* SVC */
    b.ne    user_exception_\variant
    bl      heddle_handle_system_call
    cbnz    w0, prepare_return_\variant

/* sp = frame, interrupts off, nothing to do before the program goes on. */
return_to_user_\variant:
    msr     daifset, #0xf
    mov     x0, sp
    msr     SPSel, #1
  .if \signing
    mrs     x1, tpidr_el1
    set_key x1, CPU_USER_KEY, x2, x3
  .endif
    ldp     x30, x1, [x0, #FRAME_X(30)]
    ldp     x2, x3, [x0, #FRAME_PC]
    and     w3, w3, #0xfffffc00         /* EL0, AArch64, nothing masked */
    and     w3, w3, #0xffe01fff         /* no illegal state, no reserved bits; the rest is a program's own */
    msr     sp_el0, x1
    msr     elr_el1, x2
    msr     spsr_el1, x3
    load_registers x0
    ldp     x0, x1, [x0, #FRAME_X(0)]
    eret
heddle_user_return_end_\variant:

user_exception_\variant:
    mrs     x5, far_el1
    str     x5, [x0, #FRAME_FAR]
    msr     daifclr, #4
    bl      heddle_handle_user_exception
    b       prepare_return_\variant

heddle_user_interrupt_\variant:
  .if \signing
    set_key x1, CPU_KEY, x2, x3
    isb
  .endif
    add     x29, x0, #FRAME_RECORD
    ldr     x3, [x1, #CPU_INTERRUPT_STACK]
    mov     x19, x0
    msr     sp_el0, x3
    msr     SPSel, #0
    msr     daifclr, #4
    bl      heddle_handle_interrupt
    mov     sp, x19

/* sp = frame, interrupts off. */
prepare_return_\variant:
    mov     x0, sp
    bl      heddle_prepare_return
    b       return_to_user_\variant
heddle_user_interrupt_end_\variant:
.endm

    .section .text.heddle_user, "ax", %progbits
    .globl  heddle_run_user, heddle_leave_user
    .hidden heddle_run_user, heddle_leave_user

    user_paths plain, 0
    user_paths signing, 1

/* void heddle_run_user(TrapFrame& frame), interrupts off before and after. */
heddle_run_user:
    hint    #25                         /* PACIASP */
    stp     x29, x30, [sp, #-SAVED_SIZE]!
    mov     x29, sp
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    str     x0, [sp, #SAVED_RESULT]
    mrs     x1, tpidr_el1
    sub     sp, sp, #FRAME_SIZE
    mov     x2, sp
    copy_frame x0, x2
    str     x2, [x1, #CPU_USER_FRAME]
    ldr     x2, [x1, #CPU_SIGNS]
    cbz     x2, prepare_return_plain
    b       prepare_return_signing

/* [[noreturn]] void heddle_leave_user(): returns from heddle_run_user, the frame in its argument. Interrupts off. */
heddle_leave_user:
    mrs     x1, tpidr_el1
    ldr     x3, [x1, #CPU_USER_FRAME]
    add     x2, x3, #FRAME_SIZE
    ldr     x0, [x2, #SAVED_RESULT]
    copy_frame x3, x0
    mov     sp, x2
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #SAVED_SIZE
    hint    #29                         /* AUTIASP */
    ret
