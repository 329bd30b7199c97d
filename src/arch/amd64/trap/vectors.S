// SPDX-License-Identifier: BSD-2-Clause
// Entry from every exception and interrupt, and the way back. Builds machine/trap_frame.hpp's TrapFrame on the stack that
// the CPU chose; every general register is saved and restored.
//
// Three ways in:
// - exceptions without a stack of their own stay on the interrupted stack (from user mode: the thread's kernel stack);
// - interrupts save there too, and run their handler on this CPU's interrupt stack, so that a thread's frame is complete
//   on its own stack when it is to be switched away;
// - NMI, double fault, machine check, debug come on stacks of their own, at any instruction, so that CS says nothing
//   about GS: the CPU's data is named at the top of these stacks (cpu/descriptors.cpp), and the GS base is put back as it was
//   found. A debug exception of a program goes over to the thread's kernel stack.
//
// Source: SDM vol. 3A, 6.14 "Exception and interrupt handling in 64-bit mode".

#include "trap/fixup.h"
#include "trap/frame.h"

#include "cpu/alternative.h"

// No macros of the preprocessor, which does not look into ALTERNATIVE's strings.
        .set msr_gs_base, 0xc0000101
        .set flag_ac, 1 << 18

// RFLAGS.AC off: user memory is closed to handlers.
        .macro CLEAR_AC
        ALTERNATIVE ALTERNATIVE_SMAP, "pushfq; andl $~flag_ac, (%rsp); popfq", "clac"
        .endm

// The GS base, whoever's it is, to RBX and from RAX or RBX. RAX, RCX and RDX are lost.
        .macro READ_GS_BASE_TO_RBX
        ALTERNATIVE ALTERNATIVE_FSGSBASE, \
            "movl $msr_gs_base, %ecx; rdmsr; movl %eax, %ebx; shlq $32, %rdx; orq %rdx, %rbx", "rdgsbase %rbx"
        .endm

        .macro WRITE_GS_BASE_FROM_RAX
        ALTERNATIVE ALTERNATIVE_FSGSBASE, \
            "movl $msr_gs_base, %ecx; movq %rax, %rdx; shrq $32, %rdx; wrmsr", "wrgsbase %rax"
        .endm

        .macro WRITE_GS_BASE_FROM_RBX
        ALTERNATIVE ALTERNATIVE_FSGSBASE, \
            "movl $msr_gs_base, %ecx; movl %ebx, %eax; movq %rbx, %rdx; shrq $32, %rdx; wrmsr", "wrgsbase %rbx"
        .endm

        .section .text.trap_vectors, "ax", @progbits

// 16 bytes per exception. The CPU pushes an error code for 8, 10–14, 17, 21, 29, 30; the others get a zero.
        .globl heddle_exception_vectors
        .hidden heddle_exception_vectors
        .balign 16
heddle_exception_vectors:
        .set vector, 0
        .rept 32
        .balign 16
        .if (0x60227d00 >> vector) & 1
        .else
        pushq $0
        .endif
        pushq $vector
        .if vector == 1
        jmp debug_entry
        .elseif vector == 2 || vector == 8 || vector == 18
        jmp own_stack_entry
        .else
        jmp heddle_exception_entry
        .endif
        .set vector, vector + 1
        .endr

// 8 bytes per interrupt: the vector less 128 fits a short push, in the place of an error code.
        .globl heddle_interrupt_vectors
        .hidden heddle_interrupt_vectors
        .balign 16
heddle_interrupt_vectors:
        .set vector, 32
        .rept 256 - 32
        .balign 8
        pushq $(vector - 128)
        jmp heddle_interrupt_entry
        .set vector, vector + 1
        .endr

// The labels of these two are for the tests, which look at each of their instructions.
        .balign 16
        .globl heddle_exception_entry
        .hidden heddle_exception_entry
        .type heddle_exception_entry, @function
heddle_exception_entry:
        testb $3, FRAME_AFTER_REGISTERS_CS(%rsp)
        jz 1f
        swapgs
1:      SAVE_REGISTERS
exception_saved:
        movl (120 + FRAME_AFTER_REGISTERS_CS)(%rsp), %ebx
        cld
        CLEAR_AC
        movq %rsp, %rdi
        LINK_FRAME
        call heddle_handle_exception
        addq $16, %rsp
        testb $3, %bl                           // as it was: a handler may have put anything into the frame
        jnz 2f
        jmp 1f

// The way back: the TrapFrame is on top, interrupts are off, GS is the kernel's.
        .globl heddle_return_from_trap
        .hidden heddle_return_from_trap
heddle_return_from_trap:
        testb $3, (120 + FRAME_AFTER_REGISTERS_CS)(%rsp)
        jnz 2f
1:      RESTORE_REGISTERS
        addq $16, %rsp
        iretq
2:      movq %rsp, %rdi
        LINK_FRAME
        call heddle_prepare_return
        addq $16, %rsp

// As heddle_return_from_trap, for a frame that user mode may have: nothing here can fault.
        .globl heddle_restore_user
        .hidden heddle_restore_user
heddle_restore_user:
        RESTORE_REGISTERS
        swapgs
        addq $16, %rsp
        iretq
        .size heddle_exception_entry, . - heddle_exception_entry
        .globl heddle_exception_entry_end
        .hidden heddle_exception_entry_end
heddle_exception_entry_end:

        .balign 16
        .globl heddle_interrupt_entry
        .hidden heddle_interrupt_entry
        .type heddle_interrupt_entry, @function
heddle_interrupt_entry:
        pushq (%rsp)
        addq $128, (%rsp)                       // now the vector; the word above it means nothing
        testb $3, FRAME_AFTER_REGISTERS_CS(%rsp)
        jz 1f
        swapgs
1:      SAVE_REGISTERS
        cld
        CLEAR_AC
        movq %rsp, %rdi
        movq %rsp, %rbx
        incq %gs:CPU_INTERRUPT_NESTING
        cmpq $1, %gs:CPU_INTERRUPT_NESTING
        jne 2f                                  // on the interrupt stack already
        movq %gs:CPU_INTERRUPT_STACK_TOP, %rsp
2:      LINK_FRAME
        call heddle_handle_interrupt
        movq %rbx, %rsp
        decq %gs:CPU_INTERRUPT_NESTING
        jmp heddle_return_from_trap
        .size heddle_interrupt_entry, . - heddle_interrupt_entry
        .globl heddle_interrupt_entry_end
        .hidden heddle_interrupt_entry_end
heddle_interrupt_entry_end:

// A program's: from its own stack to the thread's. The first instructions of a system call are the kernel's already.
        .balign 16
        .type debug_entry, @function
debug_entry:
        testb $3, FRAME_AFTER_REGISTERS_CS(%rsp)
        jz own_stack_entry
        swapgs
        SAVE_REGISTERS
        movq %rsp, %rsi
        movq %gs:CPU_ENTRY_STACK_TOP, %rsp
        subq $FRAME_SIZE, %rsp
        movq %rsp, %rdi
        movl $(FRAME_SIZE / 8), %ecx
        cld
        rep movsq
        jmp exception_saved
        .size debug_entry, . - debug_entry

        .balign 16
        .type own_stack_entry, @function
own_stack_entry:
        SAVE_REGISTERS
        cld
        CLEAR_AC
        READ_GS_BASE_TO_RBX                     // as it was
        movq (FRAME_SIZE + 8)(%rsp), %rax       // the CPU's data, above where the stack begins
        WRITE_GS_BASE_FROM_RAX
        movq %rsp, %rdi
        LINK_FRAME
        call heddle_handle_exception
        addq $16, %rsp
        WRITE_GS_BASE_FROM_RBX
        RESTORE_REGISTERS
        addq $16, %rsp
        iretq
        .size own_stack_entry, . - own_stack_entry
        .globl heddle_trap_vectors_end
        .hidden heddle_trap_vectors_end
heddle_trap_vectors_end:

// trap/probe.cpp: 0, or the vector of the exception that the access raised, which the fix-up leaves in RAX.
        .section .text.probe, "ax", @progbits
        .globl heddle_probe_read
        .hidden heddle_probe_read
        .type heddle_probe_read, @function
heddle_probe_read:
1:      movq (%rdi), %rax
        movq %rax, (%rsi)
        xorl %eax, %eax
2:      ret
        FIXUP 1b, 2b
        .size heddle_probe_read, . - heddle_probe_read

        .globl heddle_probe_write
        .hidden heddle_probe_write
        .type heddle_probe_write, @function
heddle_probe_write:
1:      movq %rsi, (%rdi)
        xorl %eax, %eax
2:      ret
        FIXUP 1b, 2b
        .size heddle_probe_write, . - heddle_probe_write

        .globl heddle_probe_execute
        .hidden heddle_probe_execute
        .type heddle_probe_execute, @function
heddle_probe_execute:
        pushq %rbp                              // alignment, and a frame for whoever looks
        movq %rsp, %rbp
        call *%rdi
1:      xorl %eax, %eax
2:      popq %rbp
        ret
        FIXUP 1b, 2b
        .size heddle_probe_execute, . - heddle_probe_execute

        .section .note.GNU-stack, "", @progbits
