// SPDX-License-Identifier: BSD-2-Clause
// The kernel's first instructions: from 32-bit protected mode without paging, as Multiboot2 (3.3 "I386 machine state") and
// PVH (Xen "x86/HVM direct boot ABI") start us, to C++ in the upper half. Position independent: the boot loader may
// have moved the image by a multiple of 2 MiB.

#include "boot/protocol.h"

// As linked; boot/start.cpp chooses where the image stays.
#define IMAGE_BASE 0xffffffff80000000
// Where the ELF file says it loads (kernel.ld); entry addresses are counted from there, and loaders correct them.
#define LOAD_BASE 0x200000
#define COM1 0x3f8

// Page-table entry bits, SDM vol. 3A, 4.5.
#define PRESENT_WRITABLE 0x3
#define LARGE 0x80

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

#define CPUID_EXTENDED_LONG_MODE 29
#define CPUID_EXTENDED_NO_EXECUTE 20

// An address as an offset from the image's start: what %ebp, which holds the start's physical address, is added to.
#define OFFSET(symbol) (symbol - heddle_boot_header)

        .section .boot, "ax", @progbits
        .globl heddle_boot_header
        .hidden heddle_boot_header
heddle_boot_header:

// The Multiboot2 header (3.1), within the first 32 KiB of the file and 8-aligned.
        .balign 8
multiboot2_header:
        .long 0xe85250d6                        // magic
        .long 0                                 // i386
        .long multiboot2_header_end - multiboot2_header
        .long -(0xe85250d6 + 0 + (multiboot2_header_end - multiboot2_header))

        .balign 8                               // information request (3.1.4): what we cannot do without
        .short 1, 0
        .long 8 + 1 * 4
        .long 6                                 // memory map
        .balign 8                               // … and what we like to have (flag 1: optional)
        .short 1, 1
        .long 8 + 5 * 4
        .long 1, 2, 3, 14, 15                   // command line, loader name, modules, RSDP old and new

        .balign 8                               // entry address (3.1.7)
        .short 3, 0
        .long 12
        .long LOAD_BASE + OFFSET(heddle_start_multiboot2)

        .balign 8                               // module alignment (3.1.11): pages
        .short 6, 0
        .long 8

        .balign 8                               // relocatable (3.1.14): lowest multiple of 2 MiB
        .short 10, 0
        .long 24
        .long 0x200000                          // min
        .long 0xffffffff                        // max
        .long 0x200000                          // align
        .long 1                                 // preference: lowest

        .balign 8                               // end
        .short 0, 0
        .long 8
multiboot2_header_end:

        .code32
        .globl heddle_start_multiboot2
        .hidden heddle_start_multiboot2
heddle_start_multiboot2:
        movl $HEDDLE_PROTOCOL_MULTIBOOT2, %esi
        jmp start
        .globl heddle_start_pvh
        .hidden heddle_start_pvh
heddle_start_pvh:
        movl $HEDDLE_PROTOCOL_PVH, %esi

// %esi: protocol; %ebx: physical address of its information structure; %eax: the Multiboot2 magic. No stack yet.
start:
        cli
        cld
        movl %eax, %ecx
        rdtsc                                   // the first cycle, for boot_to_appliance
        movl %eax, %edi
        movl %edx, %ebp                         // %ebp:%edi

// Where are we? The second word of either information structure serves as a stack for one call, and is put back.
        leal 8(%ebx), %esp
        movl 4(%ebx), %edx
        call 1f
1:      popl %eax
        movl %edx, 4(%ebx)
        subl $(1b - heddle_boot_header), %eax
        xchgl %eax, %ebp                        // %ebp: the image's start; %eax: high half of the first cycle
        leal OFFSET(heddle_boot_stack_top)(%ebp), %esp
        pushl %eax
        pushl %edi

        cmpl $HEDDLE_PROTOCOL_MULTIBOOT2, %esi
        jne 2f
        cmpl $HEDDLE_MULTIBOOT2_MAGIC, %ecx
        leal OFFSET(message_loader)(%ebp), %edi
        jne fail
2:
        call check_cpu
        call build_tables

// Long mode: SDM vol. 3A, 11.8.5 "Initializing IA-32e mode".
        movl %cr4, %eax
        orl $CR4_PAE, %eax
        movl %eax, %cr4
        leal OFFSET(early_pml4)(%ebp), %eax
        movl %eax, %cr3
        movl $MSR_EFER, %ecx
        rdmsr
        orl $(EFER_LME | EFER_NXE), %eax
        wrmsr
        movl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
        movl %eax, %cr0

        popl %edi                               // first cycle, to be rebuilt in 64 bits
        popl %edx
        leal OFFSET(boot_gdt)(%ebp), %eax
        pushl $0
        pushl %eax
        pushw $(boot_gdt_end - boot_gdt - 1)
        lgdt (%esp)
        leal OFFSET(start64)(%ebp), %eax
        pushl $8
        pushl %eax
        lretl

// Ends the boot when the CPU cannot run us. Clobbers %eax, %ecx, %edx, %edi.
check_cpu:
        pushl %ebx
        leal OFFSET(message_long_mode)(%ebp), %edi
        movl $0x80000000, %eax
        cpuid
        cmpl $0x80000001, %eax
        jb fail
        movl $0x80000001, %eax
        cpuid
        btl $CPUID_EXTENDED_LONG_MODE, %edx
        jnc fail
        leal OFFSET(message_no_execute)(%ebp), %edi
        btl $CPUID_EXTENDED_NO_EXECUTE, %edx
        jnc fail
        popl %ebx
        ret

// Fills the early tables: the low 4 GiB at 0 and in the direct map, the image at IMAGE_BASE. They are zeroed bss.
// Clobbers %eax, %ecx, %edi.
build_tables:
        leal (OFFSET(early_pdpt_low) + PRESENT_WRITABLE)(%ebp), %eax
        movl %eax, OFFSET(early_pml4)(%ebp)
        movl %eax, (OFFSET(early_pml4) + 256 * 8)(%ebp)
        leal (OFFSET(early_pdpt_high) + PRESENT_WRITABLE)(%ebp), %eax
        movl %eax, (OFFSET(early_pml4) + 511 * 8)(%ebp)
        leal (OFFSET(early_pd_image) + PRESENT_WRITABLE)(%ebp), %eax
        movl %eax, (OFFSET(early_pdpt_high) + 510 * 8)(%ebp)

        leal (OFFSET(early_pd_low) + PRESENT_WRITABLE)(%ebp), %eax
        xorl %ecx, %ecx
1:      movl %eax, OFFSET(early_pdpt_low)(%ebp, %ecx, 8)
        addl $4096, %eax
        incl %ecx
        cmpl $4, %ecx
        jne 1b

        leal OFFSET(early_pd_low)(%ebp), %edi
        movl $(PRESENT_WRITABLE | LARGE), %eax
2:      movl %eax, (%edi)
        addl $8, %edi
        addl $0x200000, %eax
        jnc 2b                                  // until 4 GiB have passed

        leal OFFSET(early_pd_image)(%ebp), %edi
        leal (PRESENT_WRITABLE | LARGE)(%ebp), %eax
        leal OFFSET(heddle_image_end)(%ebp), %ecx
3:      movl %eax, (%edi)
        addl $8, %edi
        addl $0x200000, %eax
        cmpl %ecx, %eax
        jb 3b
        ret

// Prints the text at %edi on COM1, without set-up: whoever started us left it usable or there is none. Then stops.
fail:
        movb (%edi), %al
        testb %al, %al
        jz 3f
        movl $100000, %ecx                      // a port with nobody there must not hold us
        movb %al, %ah
        movw $(COM1 + 5), %dx
1:      inb %dx, %al
        testb $0x20, %al                        // transmitter holding register empty
        jnz 2f
        loop 1b
2:      movb %ah, %al
        movw $COM1, %dx
        outb %al, %dx
        incl %edi
        jmp fail
3:      movb $HEDDLE_EARLY_FAILURE, %al
        outb %al, $HEDDLE_DEBUG_EXIT_PORT
4:      cli
        hlt
        jmp 4b

message_loader:
        .asciz "heddle: the boot loader is not a Multiboot2 one; stopped.\r\n"
message_long_mode:
        .asciz "heddle: this CPU has no 64-bit mode (long mode), which the kernel needs; stopped.\r\n"
message_no_execute:
        .asciz "heddle: this CPU has no no-execute pages (NX), which the kernel needs; stopped.\r\n"

        .balign 8
boot_gdt:
        .quad 0
        .quad 0x00209b0000000000                // code, 64-bit, present, accessed
        .quad 0x0000930000000000                // data
boot_gdt_end:

// 64-bit, still at the physical address. %ebp: image start; %esi: protocol; %ebx: information; %edx:%edi: first cycle.
        .code64
start64:
        movl $16, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        xorl %eax, %eax
        movl %eax, %fs
        movl %eax, %gs
        movl %edi, %ecx
        shlq $32, %rdx
        orq %rdx, %rcx                          // fourth argument: first cycle
        movl %ebp, %edx                         // third: the image's physical address
        movl %esi, %edi                         // first: protocol
        movl %ebx, %esi                         // second: information
        leaq 1f(%rip), %rax
        movq $IMAGE_BASE, %rbx
        subq %rdx, %rbx                         // from physical to image addresses
        addq %rbx, %rax
        jmpq *%rax
1:      call on_boot_stack
        movl %edi, %r12d                        // the protocol, for the second part
        call heddle_choose_place                // %rax: how far from here the image is mapped, too
        leaq 2f(%rip), %rcx
        addq %rax, %rcx
        jmpq *%rcx
2:      call on_boot_stack
        movl %r12d, %edi
        call heddle_machine_start
        ud2

// Goes to the boot stack's top, where %rip finds it, with a last frame record.
on_boot_stack:
        popq %rax
        leaq heddle_boot_stack_top(%rip), %rsp
        xorl %ebp, %ebp
        pushq $0
        pushq $0
        movq %rsp, %rbp
        jmpq *%rax

// XEN_ELFNOTE_PHYS32_ENTRY: QEMU reads eight bytes here.
        .section .note.Xen, "a", @note
        .balign 4
        .long 4
        .long 8
        .long 18
        .asciz "Xen"
        .quad LOAD_BASE + OFFSET(heddle_start_pvh)

        .section .bss.early_tables, "aw", @nobits
        .balign 4096
        .globl heddle_early_root
        .hidden heddle_early_root
heddle_early_root:                              // processor/trampoline.cpp: other processors begin on these, too
early_pml4:
        .skip 4096
early_pdpt_low:
        .skip 4096
early_pdpt_high:
        .skip 4096
early_pd_image:
        .skip 4096
early_pd_low:
        .skip 4 * 4096

        .section .note.GNU-stack, "", @progbits
