/* SPDX-License-Identifier: BSD-2-Clause
   Into user mode and out of it.

   The stack of a kernel thread whose program runs, from high to low: what called heddle_run_user, its saved registers, the frame
   of the last entry from the program (both found through CpuData), and then whatever the handlers of that entry use. The
   kernel runs on SP_EL0, so a program's entry moves there; SP_EL1 stays where it is, empty, while a program runs. */
#include "offsets.h"

#define SAVED_SIZE 112
#define SAVED_RESULT 96

/* PSTATE bits that are a program's own: N, Z, C, V; DIT, TCO, SS; SSBS, BTYPE. The rest says EL0, AArch64, nothing masked. */
#define USER_PSTATE_LOW 0x1c00
#define USER_PSTATE_HIGH 0xf320

/* The frame from \from to \to, in assembler because one of them may lie below the stack pointer; x9-x11 are lost. */
.macro copy_frame from, to
    mov     x9, #FRAME_SIZE
1:  sub     x9, x9, #16
    add     x12, \from, x9
    ldp     x10, x11, [x12]
    add     x12, \to, x9
    stp     x10, x11, [x12]
    cbnz    x9, 1b
.endm

/* After user_vector (trap/vectors.S): x0 = frame, x1 = CpuData, x2 = vector; x0 to x3 are saved or wait. Leaves x0, x1, x6 = syndrome
   and the frame record in x29; the kernel's key is in place. */
.macro save_user_frame
    stp     x4, x5, [x0, #FRAME_X(4)]
    stp     x6, x7, [x0, #FRAME_X(6)]
    stp     x8, x9, [x0, #FRAME_X(8)]
    stp     x10, x11, [x0, #FRAME_X(10)]
    stp     x12, x13, [x0, #FRAME_X(12)]
    stp     x14, x15, [x0, #FRAME_X(14)]
    stp     x16, x17, [x0, #FRAME_X(16)]
    stp     x18, x19, [x0, #FRAME_X(18)]
    stp     x20, x21, [x0, #FRAME_X(20)]
    stp     x22, x23, [x0, #FRAME_X(22)]
    stp     x24, x25, [x0, #FRAME_X(24)]
    stp     x26, x27, [x0, #FRAME_X(26)]
    stp     x28, x29, [x0, #FRAME_X(28)]
    mrs     x3, sp_el0
    stp     x30, x3, [x0, #FRAME_X(30)]
    mrs     x4, elr_el1
    mrs     x5, spsr_el1
    stp     x4, x5, [x0, #FRAME_PC]
    mrs     x6, esr_el1
    mrs     x7, far_el1
    stp     x6, x7, [x0, #FRAME_ESR]
    stp     x29, x4, [x0, #FRAME_RECORD]
    stp     x2, xzr, [x0, #FRAME_VECTOR]
    ldp     x2, x3, [sp, #-16]
    stp     x2, x3, [x0, #FRAME_X(0)]
    add     x29, x0, #FRAME_RECORD
    ldr     x2, [x1, #CPU_SIGNS]
    cbz     x2, 1f
    ldp     x2, x3, [x1, #CPU_KEY]
    msr     S3_0_C2_C1_0, x2            /* APIAKeyLo_EL1 */
    msr     S3_0_C2_C1_1, x3            /* APIAKeyHi_EL1 */
    isb
1:
.endm

    .section .text.heddle_user, "ax", %progbits
    .globl  heddle_user_synchronous, heddle_user_interrupt, heddle_run_user, heddle_leave_user
    .hidden heddle_user_synchronous, heddle_user_interrupt, heddle_run_user, heddle_leave_user

heddle_user_synchronous:
    save_user_frame
    ubfx    x6, x6, #26, #6             /* the exception class */
    msr     sp_el0, x0
    msr     SPSel, #0
    cmp     x6, #0x15                   /* SVC */
    b.ne    1f
    bl      heddle_handle_system_call
    b       return_to_user
1:  bl      heddle_handle_user_exception
    b       return_to_user

heddle_user_interrupt:
    save_user_frame
    ldr     x3, [x1, #CPU_INTERRUPT_STACK]
    mov     x19, x0
    msr     sp_el0, x3
    msr     SPSel, #0
    bl      heddle_handle_interrupt
    mov     sp, x19

/* sp = frame, interrupts off. */
return_to_user:
    mov     x0, sp
    bl      heddle_prepare_return
    mov     x0, sp
    msr     daifset, #0xf
    msr     SPSel, #1
    mrs     x1, tpidr_el1
    ldr     x2, [x1, #CPU_SIGNS]
    cbz     x2, 1f
    ldp     x2, x3, [x1, #CPU_USER_KEY]
    msr     S3_0_C2_C1_0, x2
    msr     S3_0_C2_C1_1, x3
1:  ldp     x30, x1, [x0, #FRAME_X(30)]
    msr     sp_el0, x1
    ldp     x2, x3, [x0, #FRAME_PC]
    mov     w4, #USER_PSTATE_LOW
    movk    w4, #USER_PSTATE_HIGH, lsl #16
    and     x3, x3, x4
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x2, x3, [x0, #FRAME_X(2)]
    ldp     x4, x5, [x0, #FRAME_X(4)]
    ldp     x6, x7, [x0, #FRAME_X(6)]
    ldp     x8, x9, [x0, #FRAME_X(8)]
    ldp     x10, x11, [x0, #FRAME_X(10)]
    ldp     x12, x13, [x0, #FRAME_X(12)]
    ldp     x14, x15, [x0, #FRAME_X(14)]
    ldp     x16, x17, [x0, #FRAME_X(16)]
    ldp     x18, x19, [x0, #FRAME_X(18)]
    ldp     x20, x21, [x0, #FRAME_X(20)]
    ldp     x22, x23, [x0, #FRAME_X(22)]
    ldp     x24, x25, [x0, #FRAME_X(24)]
    ldp     x26, x27, [x0, #FRAME_X(26)]
    ldp     x28, x29, [x0, #FRAME_X(28)]
    ldp     x0, x1, [x0, #FRAME_X(0)]
    eret

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
    mov     x2, sp
    str     x2, [x1, #CPU_USER_STACK]
    sub     sp, sp, #FRAME_SIZE
    mov     x2, sp
    copy_frame x0, x2
    b       return_to_user

/* [[noreturn]] void heddle_leave_user(): returns from heddle_run_user, the frame in its argument. Interrupts off. */
heddle_leave_user:
    mrs     x1, tpidr_el1
    ldr     x2, [x1, #CPU_USER_STACK]
    sub     x3, x2, #FRAME_SIZE
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
