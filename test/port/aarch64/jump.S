/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving a test case early: keeps the registers that a call preserves (AAPCS64), and goes back to them. */

    .text

/* int heddle_set_jump(JumpBuffer* buffer): 0 when it keeps them, 1 when heddle_jump() comes back here. */
    .globl heddle_set_jump
    .hidden heddle_set_jump
    .type heddle_set_jump, %function
heddle_set_jump:
    hint #34 /* bti c */
    stp x19, x20, [x0, #0]
    stp x21, x22, [x0, #16]
    stp x23, x24, [x0, #32]
    stp x25, x26, [x0, #48]
    stp x27, x28, [x0, #64]
    stp x29, x30, [x0, #80]
    stp d8, d9, [x0, #96]
    stp d10, d11, [x0, #112]
    stp d12, d13, [x0, #128]
    stp d14, d15, [x0, #144]
    mov x1, sp
    str x1, [x0, #160]
    mov w0, #0
    ret
    .size heddle_set_jump, . - heddle_set_jump

/* void heddle_jump(const JumpBuffer* buffer), which does not return. */
    .globl heddle_jump
    .hidden heddle_jump
    .type heddle_jump, %function
heddle_jump:
    hint #34 /* bti c */
    ldp x19, x20, [x0, #0]
    ldp x21, x22, [x0, #16]
    ldp x23, x24, [x0, #32]
    ldp x25, x26, [x0, #48]
    ldp x27, x28, [x0, #64]
    ldp x29, x30, [x0, #80]
    ldp d8, d9, [x0, #96]
    ldp d10, d11, [x0, #112]
    ldp d12, d13, [x0, #128]
    ldp d14, d15, [x0, #144]
    ldr x1, [x0, #160]
    mov sp, x1
    mov w0, #1
    ret
    .size heddle_jump, . - heddle_jump

    .section .note.GNU-stack, "", %progbits
