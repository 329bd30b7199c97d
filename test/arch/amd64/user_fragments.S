// SPDX-License-Identifier: BSD-2-Clause
// Position-independent pieces of programs: copied into user memory and run there. test/user/fragments.hpp says what each that
// both machines have does.

        .macro FRAGMENT name
        .globl heddle_fragment_\name
        .hidden heddle_fragment_\name
heddle_fragment_\name:
        .endm

        .section .rodata.user_fragments, "a", @progbits
FRAGMENT begin
FRAGMENT calls
        syscall
        jmp heddle_fragment_calls
FRAGMENT read_often
        movq (%rdi), %rax
        jmp heddle_fragment_read_often
FRAGMENT write
        movq %rax, (%rdi)
        syscall
FRAGMENT two_calls
        syscall
        syscall
        ud2
FRAGMENT read
        movq (%rdi), %rax
        syscall
FRAGMENT jump
        jmpq *%rdi
FRAGMENT undefined
        ud2
FRAGMENT spin
        jmp heddle_fragment_spin
FRAGMENT flags                                  // DF, AC and NT set
        pushfq
        orq $0x44400, (%rsp)
        popfq
        syscall
FRAGMENT privileged
        cli
FRAGMENT step
        nop
        nop
        syscall
FRAGMENT end

        .section .note.GNU-stack, "", @progbits
