// SPDX-License-Identifier: BSD-2-Clause
// For assembler: the TrapFrame, and where entry code finds things in CpuData. The numbers are asserted where
// the types are.
#pragma once

// clang-format off: not C
// machine/cpu_data.hpp
#define CPU_INTERRUPT_STACK_TOP 8
#define CPU_INTERRUPT_NESTING 16
#define CPU_START_STACK_TOP 24
#define CPU_ENTRY_STACK_TOP 32
#define CPU_USER_STACK_POINTER 40
#define CPU_RING_STACK 124
// machine/trap_frame.hpp
#define FRAME_RIP 136
#define FRAME_SIZE 176
#define FRAME_AFTER_REGISTERS_CS (144 - 120)

        .macro SAVE_REGISTERS
        pushq %rax
        pushq %rbx
        pushq %rcx
        pushq %rdx
        pushq %rsi
        pushq %rdi
        pushq %rbp
        pushq %r8
        pushq %r9
        pushq %r10
        pushq %r11
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        .endm

        .macro RESTORE_REGISTERS
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %r11
        popq %r10
        popq %r9
        popq %r8
        popq %rbp
        popq %rdi
        popq %rsi
        popq %rdx
        popq %rcx
        popq %rbx
        popq %rax
        .endm

// A frame record that makes the interrupted code look like our caller, for backtraces. %rdi: the TrapFrame.
        .macro LINK_FRAME
        pushq FRAME_RIP(%rdi)
        pushq %rbp
        movq %rsp, %rbp
        .endm
