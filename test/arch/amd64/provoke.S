// SPDX-License-Identifier: BSD-2-Clause
// What no compiler emits on request: see provoke.hpp.

#include "trap/fixup.h"

#define TEST_VECTOR 241
#define TRAP_FLAG 0x100

        .macro FUNCTION name
        .globl \name
        .hidden \name
        .type \name, @function
\name:
        .endm

        .section .text.provoke, "ax", @progbits

// Each returns {RAX, RDX}: the vector and error code from the fix-up, or -1.
FUNCTION heddle_test_breakpoint
        int3
1:      movq $-1, %rax                          // a trap: RIP is after the instruction
2:      ret
        FIXUP 1b, 2b

FUNCTION heddle_test_undefined
1:      ud2
        movq $-1, %rax
2:      ret
        FIXUP 1b, 2b

FUNCTION heddle_test_divide_by_zero
        xorl %edx, %edx
        xorl %ecx, %ecx
1:      divl %ecx
        movq $-1, %rax
2:      ret
        FIXUP 1b, 2b

FUNCTION heddle_test_bad_selector
        movl $0xfff8, %eax
1:      movl %eax, %ds
        movq $-1, %rax
2:      ret
        FIXUP 1b, 2b

FUNCTION heddle_test_read
1:      movq (%rdi), %rcx
        movq $-1, %rax
2:      ret
        FIXUP 1b, 2b

FUNCTION heddle_test_write
1:      movq $0, (%rdi)
        movq $-1, %rax
2:      ret
        FIXUP 1b, 2b

FUNCTION heddle_test_execute
        subq $8, %rsp
        call *%rdi
1:      movq $-1, %rax
2:      addq $8, %rsp
        ret
        FIXUP 1b, 2b

// The stack holds: after, before, callee-saved registers. RSP itself must survive, or nothing below works.
        .macro WITH_REGISTERS name, instruction:vararg
FUNCTION \name
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        pushq %rsi
        pushq 120(%rdi)
        popfq
        movq (%rdi), %rax
        movq 8(%rdi), %rbx
        movq 16(%rdi), %rcx
        movq 24(%rdi), %rdx
        movq 32(%rdi), %rsi
        movq 48(%rdi), %rbp
        movq 56(%rdi), %r8
        movq 64(%rdi), %r9
        movq 72(%rdi), %r10
        movq 80(%rdi), %r11
        movq 88(%rdi), %r12
        movq 96(%rdi), %r13
        movq 104(%rdi), %r14
        movq 112(%rdi), %r15
        movq 40(%rdi), %rdi
        \instruction
        pushfq
        pushq %rdi
        movq 16(%rsp), %rdi                     // after
        movq %rax, (%rdi)
        movq %rbx, 8(%rdi)
        movq %rcx, 16(%rdi)
        movq %rdx, 24(%rdi)
        movq %rsi, 32(%rdi)
        movq %rbp, 48(%rdi)
        movq %r8, 56(%rdi)
        movq %r9, 64(%rdi)
        movq %r10, 72(%rdi)
        movq %r11, 80(%rdi)
        movq %r12, 88(%rdi)
        movq %r13, 96(%rdi)
        movq %r14, 104(%rdi)
        movq %r15, 112(%rdi)
        popq 40(%rdi)
        popq 120(%rdi)
        pushq $2                                // flags as a function has them
        popfq
        popq %rsi
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret
        .endm

        WITH_REGISTERS heddle_test_interrupt_with_registers, int $TEST_VECTOR
        WITH_REGISTERS heddle_test_breakpoint_with_registers, int3
        WITH_REGISTERS heddle_test_debug_with_registers, int $1
        WITH_REGISTERS heddle_test_non_maskable_with_registers, int $2
        WITH_REGISTERS heddle_test_machine_check_with_registers, int $18

        .macro TAKE_INTERRUPT
        sti
        nop                                     // what waits comes after this one
        cli
        .endm
        WITH_REGISTERS heddle_test_pending_with_registers, TAKE_INTERRUPT

FUNCTION heddle_test_single_step
        pushfq
        orq $TRAP_FLAG, (%rsp)
        popfq
        nop                                     // the first instruction after POPFQ completes, then the trap comes
        .globl heddle_test_single_step_target
        .hidden heddle_test_single_step_target
heddle_test_single_step_target:
        nop
        ret

FUNCTION heddle_test_double_fault
        pushq %rbx
        movq %rsp, %rbx
        movq %rdi, %rsp
        pushq %rax                              // nor is there a place for the page fault that this is
        .globl heddle_test_double_fault_target
        .hidden heddle_test_double_fault_target
heddle_test_double_fault_target:
        popq %rbx
        ret

FUNCTION heddle_test_overflow
        pushq %rax
        jmp heddle_test_overflow

        .section .note.GNU-stack, "", @progbits
