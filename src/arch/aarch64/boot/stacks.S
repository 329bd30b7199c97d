/* SPDX-License-Identifier: BSD-2-Clause
   The boot CPU's stacks, each above a page that memory management leaves unmapped (list: cpu/stacks.cpp). Other CPUs' stacks
   are allocated when they start. */

.macro stack name, size
    .globl  heddle_\name\()_stack_guard
    .hidden heddle_\name\()_stack_guard
heddle_\name\()_stack_guard:
    .skip   4096
    .skip   \size
    .globl  heddle_\name\()_stack_top
    .hidden heddle_\name\()_stack_top
heddle_\name\()_stack_top:
.endm

    .section .stacks, "aw", %nobits
    .balign 4096
    stack   boot, 64 * 1024
    stack   interrupt, 16 * 1024
    stack   exception, 8 * 1024
    stack   nested, 8 * 1024
    stack   serror, 8 * 1024
    /* A dozen frames, where four are the most: interrupt, exception, nested exception, SError. */
    stack   frame, 4 * 1024
