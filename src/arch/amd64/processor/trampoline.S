// SPDX-License-Identifier: BSD-2-Clause
// A processor's first instructions after a start-up IPI: from real mode, in a page below 1 MiB, to the kernel in the upper
// half. SDM vol. 3A, 8.4 "Multiple-processor (MP) initialization", 11.8.5 "Initializing IA-32e mode".
//
// The page is a copy (trampoline.cpp) and finds out by itself where it lies. It is mapped executable by the early tables of
// boot/start.S only, which the kernel's own tables know nothing of; a processor leaves them as soon as it is in the image.
// Whatever is stored in the page is the same for every processor, so that several may run through it at the same time.

#include "trap/frame.h"

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

#define CODE32 0x08
#define DATA 0x10
#define CODE64 0x18

// An address as an offset in the page.
#define OFFSET(symbol) (symbol - heddle_trampoline_start)

        .section .rodata.trampoline, "a", @progbits
        .balign 16
        .globl heddle_trampoline_start
        .hidden heddle_trampoline_start
        .code16
heddle_trampoline_start:
        jmp real_mode

        .balign 8                               // struct Parameters of trampoline.cpp
        .globl heddle_trampoline_parameters
        .hidden heddle_trampoline_parameters
heddle_trampoline_parameters:
entry:
        .quad 0
root:
        .quad 0

        .balign 8
gdt:
        .quad 0
        .quad 0x00cf9b000000ffff                // CODE32: 4 GiB from 0, present, accessed
        .quad 0x00cf93000000ffff                // DATA
        .quad 0x00209b0000000000                // CODE64
gdt_end:
gdt_pointer:
        .short gdt_end - gdt - 1
        .long 0
protected_pointer:
        .long 0
        .short CODE32
long_pointer:
        .long 0
        .short CODE64

real_mode:
        cli
        cld
        xorl %ebx, %ebx
        movw %cs, %bx
        movw %bx, %ds
        shll $4, %ebx                           // %ebx: where the page lies
        leal OFFSET(gdt)(%ebx), %eax
        movl %eax, OFFSET(gdt_pointer) + 2
        leal OFFSET(protected_mode)(%ebx), %eax
        movl %eax, OFFSET(protected_pointer)
        leal OFFSET(long_mode)(%ebx), %eax
        movl %eax, OFFSET(long_pointer)
        lgdtl OFFSET(gdt_pointer)
        movl %cr0, %eax
        orl $CR0_PE, %eax
        movl %eax, %cr0
        ljmpl *OFFSET(protected_pointer)

        .code32
protected_mode:
        movl $DATA, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl %cr4, %eax
        orl $CR4_PAE, %eax
        movl %eax, %cr4
        movl OFFSET(root)(%ebx), %eax
        movl %eax, %cr3
        movl $MSR_EFER, %ecx
        rdmsr
        orl $(EFER_LME | EFER_NXE), %eax
        wrmsr
        movl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
        movl %eax, %cr0
        ljmpl *OFFSET(long_pointer)(%ebx)

        .code64
long_mode:
        movl %ebx, %ebx                         // the upper half is anything after the change of mode
        movq OFFSET(entry)(%rbx), %rax
        jmpq *%rax
        .globl heddle_trampoline_end
        .hidden heddle_trampoline_end
heddle_trampoline_end:

// In the image, still on the early tables, without a stack. Who are we? Our APIC id says which CPU.
        .section .text.secondary_start, "ax", @progbits
        .globl heddle_secondary_start
        .hidden heddle_secondary_start
        .type heddle_secondary_start, @function
heddle_secondary_start:
        movl $1, %eax
        xorl %ecx, %ecx
        cpuid
        shrl $24, %ebx                          // EBX[31:24]: initial APIC id
        leaq heddle_starting_cpus(%rip), %rax
        movq (%rax, %rbx, 8), %rdi
        testq %rdi, %rdi
        jz 1f                                   // nobody started us
        movq heddle_kernel_root(%rip), %rax
        movq %rax, %cr3
        movq CPU_START_STACK_TOP(%rdi), %rsp
        xorl %ebp, %ebp                         // the last frame record
        pushq $0
        pushq $0
        movq %rsp, %rbp
        call heddle_secondary_machine_start
        ud2
1:      cli
        hlt
        jmp 1b
        .size heddle_secondary_start, . - heddle_secondary_start

        .section .note.GNU-stack, "", @progbits
