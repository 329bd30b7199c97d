/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving a test case early: keeps the registers that a call preserves (System V ABI), and goes back to them. */

    .text

/* int heddle_set_jump(JumpBuffer* buffer): 0 when it keeps them, 1 when heddle_jump() comes back here. */
    .globl heddle_set_jump
    .hidden heddle_set_jump
    .type heddle_set_jump, @function
heddle_set_jump:
    movq %rbx, 0(%rdi)
    movq %rbp, 8(%rdi)
    movq %r12, 16(%rdi)
    movq %r13, 24(%rdi)
    movq %r14, 32(%rdi)
    movq %r15, 40(%rdi)
    leaq 8(%rsp), %rax
    movq %rax, 48(%rdi)
    movq (%rsp), %rax
    movq %rax, 56(%rdi)
    xorl %eax, %eax
    ret
    .size heddle_set_jump, . - heddle_set_jump

/* void heddle_jump(const JumpBuffer* buffer), which does not return. */
    .globl heddle_jump
    .hidden heddle_jump
    .type heddle_jump, @function
heddle_jump:
    movq 0(%rdi), %rbx
    movq 8(%rdi), %rbp
    movq 16(%rdi), %r12
    movq 24(%rdi), %r13
    movq 32(%rdi), %r14
    movq 40(%rdi), %r15
    movq 48(%rdi), %rsp
    movl $1, %eax
    jmpq *56(%rdi)
    .size heddle_jump, . - heddle_jump

    .section .note.GNU-stack, "", @progbits
