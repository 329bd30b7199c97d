/* SPDX-License-Identifier: BSD-2-Clause
   The exception vectors of EL1, and saving and restoring what they interrupt.

   The kernel runs on SP_EL0. The CPU switches to SP_EL1 by itself when it takes an exception, so a frame is always saved on
   the per-CPU frame stack, whatever the interrupted stack pointer was. C++ handlers run on SP_EL0 again, moved to a per-CPU
   stack of their own; a fault inside one lands here again and its frame goes below. Only what is in this file and the
   beginning and end of user/entry.S run on SP_EL1, with everything masked; an exception taken there uses the third group of
   vectors and is the end.

   Where SErrors are masked (PSTATE.A): from the CPU's taking an exception until ELR, SPSR and the registers are in the frame,
   and from before they are loaded again until ERET. One that comes meanwhile stays pending and is taken at the first
   instruction behind. Everywhere else, in handlers, threads and programs, they are let in.

   There are two tables: on a CPU that signs return addresses, each way from and to user mode exchanges the key. */
#include "trap/frame_macros.h"

.macro vector number, handler
    .balign 0x80
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #FRAME_X(0)]
    mov     x0, #\number
    b       \handler
.endm

/* The whole frame in the vector's own 32 instructions. Leaves x0 = frame, x1 = CpuData, x29 = frame record. */
.macro saving_vector number, has_syndrome, handler
    .balign 0x80
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #FRAME_X(0)]
    store_registers sp
    store_state sp, \number, \has_syndrome
    add     x29, sp, #FRAME_RECORD
    mov     x0, sp
    mrs     x1, tpidr_el1
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

/* From a program, to user/entry.S: the frame goes to its kernel stack at once. x0 and x1 wait below the empty frame stack.
   Leaves x0 = frame, x1 = CpuData, x4 = syndrome if there is one. */
.macro user_vector number, has_syndrome, handler
    .balign 0x80
    stp     x0, x1, [sp, #-16]
    mrs     x1, tpidr_el1
    ldr     x0, [x1, #CPU_USER_FRAME]
    store_registers x0
    store_state x0, \number, \has_syndrome
    ldp     x2, x3, [sp, #-16]
    stp     x2, x3, [x0, #FRAME_X(0)]
    b       \handler
.endm

.macro vector_table variant, serror_from_user
    saving_vector VECTOR_SP0_SYNCHRONOUS, 1, synchronous
    saving_vector VECTOR_SP0_IRQ, 0, interrupt
    vector  VECTOR_SP0_FIQ, unexpected
    saving_vector VECTOR_SP0_SERROR, 1, serror
    hopeless_vector VECTOR_SP1_SYNCHRONOUS
    hopeless_vector VECTOR_SP1_SYNCHRONOUS + 1
    hopeless_vector VECTOR_SP1_SYNCHRONOUS + 2
    hopeless_vector VECTOR_SP1_SYNCHRONOUS + 3
    user_vector VECTOR_LOWER_SYNCHRONOUS, 1, heddle_user_synchronous_\variant
    user_vector VECTOR_LOWER_IRQ, 0, heddle_user_interrupt_\variant
    vector  VECTOR_LOWER_SYNCHRONOUS + 2, unexpected
    saving_vector VECTOR_LOWER_SERROR, 1, \serror_from_user
    vector  VECTOR_LOWER_SYNCHRONOUS + 4, unexpected
    vector  VECTOR_LOWER_SYNCHRONOUS + 5, unexpected
    vector  VECTOR_LOWER_SYNCHRONOUS + 6, unexpected
    vector  VECTOR_LOWER_SYNCHRONOUS + 7, unexpected
    .balign 0x80
.endm

    .section .vectors, "ax", %progbits
    vector_table plain, serror

    .section .text.heddle_signing_vectors, "ax", %progbits
    .balign 0x800
    .globl  heddle_signing_vectors
    .hidden heddle_signing_vectors
heddle_signing_vectors:
    vector_table signing, serror_from_signing_user

/* Calls C++ \handler(frame) on the stack whose top is in \stack. SErrors are let in around it, unless it is theirs. */
.macro call_on stack, handler, let_serrors_in=1
    msr     sp_el0, \stack
    msr     SPSel, #0
  .if \let_serrors_in
    msr     daifclr, #4
  .endif
    bl      \handler
    msr     daifset, #0xf
    msr     SPSel, #1
.endm

    .section .text.heddle_vectors, "ax", %progbits
    .globl  heddle_kernel_synchronous, heddle_kernel_synchronous_end
    .globl  heddle_kernel_interrupt, heddle_kernel_restore_end
    .hidden heddle_kernel_synchronous, heddle_kernel_synchronous_end
    .hidden heddle_kernel_interrupt, heddle_kernel_restore_end
heddle_kernel_synchronous:
synchronous:
    mrs     x5, far_el1                 /* means something for aborts and the like; it costs less than to ask */
    str     x5, [sp, #FRAME_FAR]
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
heddle_kernel_synchronous_end:

serror_from_signing_user:
    set_key x1, CPU_KEY, x2, x3
    isb
    ldr     x3, [x1, #CPU_SERROR_STACK]
    call_on x3, heddle_handle_serror, 0
    mrs     x1, tpidr_el1
    set_key x1, CPU_USER_KEY, x2, x3
    b       restore

serror:
    ldr     x3, [x1, #CPU_SERROR_STACK]
    call_on x3, heddle_handle_serror, 0
    b       restore

heddle_kernel_interrupt:
interrupt:
    ldr     x3, [x1, #CPU_INTERRUPT_STACK]
    call_on x3, heddle_handle_interrupt

restore:
    ldp     x30, x1, [sp, #FRAME_X(30)]
    msr     sp_el0, x1
    ldp     x2, x3, [sp, #FRAME_PC]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x0, x1, [sp, #FRAME_X(0)]
    load_registers sp
    add     sp, sp, #FRAME_SIZE
    eret
heddle_kernel_restore_end:

/* Nothing here enables or does it: FIQs, AArch32. Reported like an exception of the kernel's. */
unexpected:
    store_registers sp
    mrs     x5, far_el1
    str     x5, [sp, #FRAME_FAR]
    mov     x6, x0
    store_state sp, 0, 1
    str     x6, [sp, #FRAME_VECTOR]
    add     x29, sp, #FRAME_RECORD
    mov     x0, sp
    mrs     x1, tpidr_el1
    ldr     x3, [x1, #CPU_NESTED_STACK]
    call_on x3, heddle_handle_exception, 0
    b       restore

hopeless:
    store_registers sp
    mov     x6, x0
    store_state sp, 0, 1
    str     x6, [sp, #FRAME_VECTOR]
    mrs     x5, far_el1
    str     x5, [sp, #FRAME_FAR]
    add     x29, sp, #FRAME_RECORD
    mov     x0, sp
    mrs     x1, tpidr_el1
on_nested_stack:                        /* overwrites what the second handler had there: nobody returns to it */
    ldr     x4, [x1, #CPU_NESTED_STACK]
    msr     sp_el0, x4
    msr     SPSel, #0
    bl      heddle_handle_hopeless
