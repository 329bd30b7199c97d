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
FRAGMENT undefined                              // this and what raises other exceptions: twice
        ud2
        ud2
FRAGMENT breakpoint
        int3
        int3
FRAGMENT divide                                 // by zero in RCX
        divl %ecx
        divl %ecx
FRAGMENT fault                                  // at RBX
        testb %al, (%rbx)
        testb %al, (%rbx)
FRAGMENT unaligned                              // with RFLAGS.AC: RDI is aligned
        movl 1(%rdi), %eax
        syscall
FRAGMENT step
        nop
        nop
        nop
        syscall
FRAGMENT interrupted                            // between the two exceptions
        ud2
        .rept 16
        nop
        .endr
        ud2
FRAGMENT load_stack_segment                     // from RDI, where there is the program's own or a data breakpoint
        movw (%rdi), %ss
        syscall
        syscall
FRAGMENT write_gs_base                          // from RDI, and back to RAX at the end
        wrgsbase %rdi
        syscall
        ud2
        rdgsbase %rax
        syscall
FRAGMENT sums                                   // RAX = the sum of 1 … RDI, RDX = 3 to the power of RDI
        xorl %eax, %eax
        movl $1, %edx
1:      addq %rdi, %rax
        leaq (%rdx, %rdx, 2), %rdx
        decq %rdi
        jnz 1b
        syscall
FRAGMENT counted_calls                          // RBX of them
1:      syscall
        decq %rbx
        jnz 1b
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
FRAGMENT descriptor_table                       // its address, to where the argument points
        sgdt (%rdi)
        syscall

// What only the kernel may: their addresses are in a table behind, up to zero.
        .macro FORBIDDEN instruction:vararg
1:      \instruction
        .pushsection .rodata.user_fragments_forbidden, "a", @progbits
        .long 1b - heddle_fragment_begin
        .popsection
        .endm
        .pushsection .rodata.user_fragments_forbidden, "a", @progbits
        .balign 4
        .globl heddle_forbidden_fragments
        .hidden heddle_forbidden_fragments
heddle_forbidden_fragments:
        .popsection
        FORBIDDEN hlt
        FORBIDDEN cli
        FORBIDDEN sti
        FORBIDDEN inb $0x80, %al
        FORBIDDEN outb %al, $0x80
        FORBIDDEN insb
        FORBIDDEN rdmsr
        FORBIDDEN wrmsr
        FORBIDDEN movq %cr0, %rax
        FORBIDDEN movq %rax, %cr3
        FORBIDDEN movq %rax, %cr4
        FORBIDDEN movq %cr8, %rax
        FORBIDDEN movq %dr7, %rax
        FORBIDDEN movq %rax, %dr0
        FORBIDDEN lgdt (%rsp)
        FORBIDDEN lidt (%rsp)
        FORBIDDEN lldt %ax
        FORBIDDEN ltr %ax
        FORBIDDEN lmsw %ax
        FORBIDDEN clts
        FORBIDDEN invd
        FORBIDDEN wbinvd
        FORBIDDEN invlpg (%rsp)
        FORBIDDEN swapgs
        FORBIDDEN sysretq
        FORBIDDEN sysenter
        FORBIDDEN sysexitq
        FORBIDDEN int $0x80
        FORBIDDEN int $2
        FORBIDDEN int $8
        FORBIDDEN int $14
        FORBIDDEN int $240
        FORBIDDEN pushq $8; pushq $0; lretq     // the kernel's code segment
        FORBIDDEN pushq $0x1b; pushq $0; lretq  // the one that SYSRET counts from, which is not there
        FORBIDDEN pushq $0x10; pushq $0; pushq $2; pushq $8; pushq $0; iretq
        FORBIDDEN movl $8, %eax; movl %eax, %ss
        .pushsection .rodata.user_fragments_forbidden, "a", @progbits
        .long 0
        .popsection
FRAGMENT end

        .section .note.GNU-stack, "", @progbits
