// SPDX-License-Identifier: BSD-2-Clause
// The system-call entry, the way into user mode for the first time, and copies from and to user memory.
//
// On the first instructions of the entry and the last of the exit the stack pointer and GS are the program's. Interrupts are off
// there (SFMASK); NMI, machine check and debug exceptions have stacks and a way to find the CPU of their own
// (trap/vectors.S), and no other exception can come there.

#include "trap/fixup.h"
#include "trap/frame.h"

#define USER_DATA_SELECTOR 0x23
#define USER_CODE_SELECTOR 0x2b
#define SYSTEM_CALL_VECTOR 256

        .section .text.user_entry, "ax", @progbits
        .balign 16
        .globl heddle_system_call_entry
        .hidden heddle_system_call_entry
        .type heddle_system_call_entry, @function
heddle_system_call_entry:
        swapgs
        movq %rsp, %gs:CPU_USER_STACK_POINTER
        movq %gs:CPU_ENTRY_STACK_TOP, %rsp
        pushq $USER_DATA_SELECTOR
        pushq %gs:CPU_USER_STACK_POINTER
        pushq %r11
        pushq $USER_CODE_SELECTOR
        pushq %rcx
        pushq $0
        pushq $SYSTEM_CALL_VECTOR
        SAVE_REGISTERS
        movq %rsp, %rdi
        xorl %ebp, %ebp                         // backtraces end here
        call heddle_handle_system_call          // whether SYSRET gives what the frame says
        testb %al, %al
        jz heddle_restore_user
        RESTORE_REGISTERS                       // RCX is RIP and R11 is RFLAGS, or it would not
        movq 40(%rsp), %rsp
        swapgs
        sysretq
        .size heddle_system_call_entry, . - heddle_system_call_entry
        .globl heddle_system_call_entry_end
        .hidden heddle_system_call_entry_end
heddle_system_call_entry_end:

// %rdi: the frame, which user mode may have; %rsi: the CPU's data. Interrupts off. What lies on the stack from here is the
// frame's address, the callee-saved registers and the return address; entries from user mode begin below.
        .balign 16
        .globl heddle_enter_user
        .hidden heddle_enter_user
        .type heddle_enter_user, @function
heddle_enter_user:
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        pushq %rdi
        movq %rsp, CPU_ENTRY_STACK_TOP(%rsi)
        movq %rsp, CPU_RING_STACK(%rsi)
        subq $FRAME_SIZE, %rsp
        movq %rdi, %rsi
        movq %rsp, %rdi
        movl $(FRAME_SIZE / 8), %ecx
        rep movsq
        jmp heddle_return_from_trap
        .size heddle_enter_user, . - heddle_enter_user

// Interrupts off. The frame of the last entry lies where each begins.
        .globl heddle_leave_user
        .hidden heddle_leave_user
        .type heddle_leave_user, @function
heddle_leave_user:
        movq %gs:CPU_ENTRY_STACK_TOP, %rsp
        leaq -FRAME_SIZE(%rsp), %rsi
        popq %rdi
        movl $(FRAME_SIZE / 8), %ecx
        cld
        rep movsq
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret
        .size heddle_leave_user, . - heddle_leave_user

// Copies %rdx bytes from %rsi to %rdi, one of which is the program's; returns how many are left. With SMAP user memory is open
// for the one instruction. A fault leaves in RCX what it has not copied.
        .macro COPY name, open, close
        .globl \name
        .hidden \name
        .type \name, @function
\name:
        movq %rdx, %rcx
        \open
1:      rep movsb
2:      \close
        movq %rcx, %rax
        ret
        FIXUP 1b, 2b
        .size \name, . - \name
        .endm

// The same with %rsi zero bytes to %rdi.
        .macro CLEAR name, open, close
        .globl \name
        .hidden \name
        .type \name, @function
\name:
        movq %rsi, %rcx
        xorl %eax, %eax
        \open
1:      rep stosb
2:      \close
        movq %rcx, %rax
        ret
        FIXUP 1b, 2b
        .size \name, . - \name
        .endm

        COPY heddle_copy_user
        COPY heddle_copy_user_smap, stac, clac
        CLEAR heddle_clear_user
        CLEAR heddle_clear_user_smap, stac, clac

        .globl heddle_user_code_end
        .hidden heddle_user_code_end
heddle_user_code_end:

        .section .note.GNU-stack, "", @progbits
