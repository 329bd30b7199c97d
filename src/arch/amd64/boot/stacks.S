// SPDX-License-Identifier: BSD-2-Clause
// The boot CPU's stacks, each above a page that memory management leaves unmapped (list: heddle_stack_guards in
// cpu/stacks.cpp). Other CPUs' stacks are allocated when they start.

        .macro STACK name, size
        .globl heddle_\name\()_stack_guard
        .hidden heddle_\name\()_stack_guard
heddle_\name\()_stack_guard:
        .skip 4096
        .globl heddle_\name\()_stack
        .hidden heddle_\name\()_stack
heddle_\name\()_stack:
        .skip \size
        .globl heddle_\name\()_stack_top
        .hidden heddle_\name\()_stack_top
heddle_\name\()_stack_top:
        .endm

        .section .bss.stacks, "aw", @nobits
        .balign 4096
        STACK boot, 64 * 1024
        STACK interrupt, 16 * 1024
        STACK double_fault, 8 * 1024
        STACK non_maskable, 8 * 1024
        STACK machine_check, 8 * 1024
        STACK debug, 8 * 1024

        .section .note.GNU-stack, "", @progbits
