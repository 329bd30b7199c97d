// SPDX-License-Identifier: BSD-2-Clause
// Instructions that a program had better not get through with, and some that it may: what the fuzzer mutates.

        .macro CODE text
        .pushsection .rodata.fuzz_code, "a", @progbits
8881:   \text
8882:   .popsection
        .pushsection .rodata.fuzz_lengths, "a", @progbits
        .byte 8882b - 8881b
        .popsection
        .endm

        .section .rodata.fuzz_code, "a", @progbits
        .globl heddle_fuzz_code
        .hidden heddle_fuzz_code
heddle_fuzz_code:
        .section .rodata.fuzz_lengths, "a", @progbits
        .globl heddle_fuzz_lengths, heddle_fuzz_lengths_end
        .hidden heddle_fuzz_lengths, heddle_fuzz_lengths_end
heddle_fuzz_lengths:

// Ways into the kernel, and back
        CODE "syscall"
        CODE "syscall"
        CODE "sysenter"
        CODE "sysretq"
        CODE "sysretl"
        CODE "sysexitq"
        CODE "int3"
        CODE ".byte 0xcd, 0x80"
        CODE ".byte 0xcd, 0x00"
        CODE ".byte 0xcd, 0x01"
        CODE ".byte 0xcd, 0x02"
        CODE ".byte 0xcd, 0x08"
        CODE ".byte 0xcd, 0x0e"
        CODE ".byte 0xcd, 0x12"
        CODE ".byte 0xcd, 0x20"
        CODE ".byte 0xcd, 0xff"
        CODE ".byte 0xce"
        CODE "iretq"
        CODE "iretl"
        CODE "iretw"
        CODE "lretq"
        CODE "lretl"
        CODE ".byte 0xff, 0x28; nop"                      // ljmpl *(%rax)
        CODE ".byte 0x48, 0xff, 0x2f"                     // ljmpq *(%rdi)
        CODE ".byte 0xff, 0x1b"                           // lcall *(%rbx)
        CODE "pushq $0x1b; pushq %rcx; lretq"             // 32-bit code
        CODE "pushq $0x0b; pushq %rcx; lretq"             // the kernel's, with privilege 3
        CODE "pushq $0x08; pushq %rcx; lretq"             // the kernel's
        CODE "pushq $0x2b; pushq %rcx; lretq"
        CODE "pushq $0x07; pushq %rcx; lretq"             // the local table's
        CODE "pushq $0x33; pushq %rcx; lretq"             // the task state
        CODE "pushq $0x23; pushq %rsp; pushfq; pushq $0x2b; pushq %rdx; iretq"
        CODE "pushq $0x10; pushq %rsp; pushfq; pushq $0x08; pushq %rdx; iretq"
        CODE "pushq $0x23; pushq %rsp; pushq $-1; pushq $0x2b; pushq %rdx; iretq"

// Flags
        CODE "pushq $-1; popfq"
        CODE "pushq $-1; popfq; syscall"
        CODE "pushq $0x100; popfq; syscall"               // TF
        CODE "pushq $0x100; popfq; nop"
        CODE "pushq $0x100; popfq; int3"
        CODE "pushq $0x40000; popfq; movl 1(%rsp), %eax"  // AC
        CODE "pushq $0x4000; popfq; iretq"                // NT
        CODE "pushq $0x3000; popfq; outb %al, %dx"        // IOPL
        CODE "popfq"
        CODE "std; syscall"
        CODE "cli"
        CODE "sti"
        CODE "stac"
        CODE "clac"

// Segments
        CODE "movl %eax, %ds"
        CODE "movl %ecx, %es"
        CODE "movl %edx, %fs"
        CODE "movl %esi, %gs"
        CODE "movl %edi, %ss"
        CODE "movl $0x23, %eax; movl %eax, %gs; syscall"
        CODE "movl $0x23, %eax; movl %eax, %ss; syscall"  // a debug exception would come late
        CODE "movl $0x23, %eax; movl %eax, %ss; int3"
        CODE "movl $0, %eax; movl %eax, %ss"
        CODE "movl $3, %eax; movl %eax, %gs; syscall"
        CODE "popq %fs"
        CODE "popq %gs"
        CODE ".byte 0x0f, 0xb2, 0x20"                     // lss
        CODE ".byte 0x0f, 0xb4, 0x20"                     // lfs
        CODE ".byte 0x0f, 0xb5, 0x20"                     // lgs
        CODE "swapgs"
        CODE ".byte 0xf3, 0x48, 0x0f, 0xae, 0xd8"         // wrgsbase %rax
        CODE ".byte 0xf3, 0x48, 0x0f, 0xae, 0xd3; syscall" // wrfsbase %rbx
        CODE ".byte 0xf3, 0x48, 0x0f, 0xae, 0xc9"         // rdgsbase %rcx
        CODE ".byte 0xf3, 0x48, 0x0f, 0xae, 0xd8; ud2"
        CODE ".byte 0xf3, 0x48, 0x0f, 0xae, 0xd8; syscall"
        CODE "movq %gs:0, %rax"
        CODE "movq %rax, %gs:8"
        CODE "movq %fs:(%rbx), %rax"
        CODE "lar %eax, %ebx"
        CODE "lsl %ecx, %edx"
        CODE "verr %ax"
        CODE "verw %cx"
        CODE "str %ax"
        CODE "sldt %ax"
        CODE "lldt %ax"
        CODE "ltr %bx"
        CODE "sgdt (%rsp)"
        CODE "sidt (%rsp)"
        CODE "lgdt (%rsp)"
        CODE "lidt (%rsp)"
        CODE "smsw %eax"
        CODE "lmsw %ax"

// Control, debug and model-specific registers, ports
        CODE "movq %cr0, %rax"
        CODE "movq %rax, %cr0"
        CODE "movq %rbx, %cr3"
        CODE "movq %rcx, %cr4"
        CODE "movq %rdx, %cr8"
        CODE "movq %rax, %dr0"
        CODE "movq %rbx, %dr7"
        CODE "movq %dr6, %rcx"
        CODE "wrmsr"
        CODE "rdmsr"
        CODE "movl $0xc0000102, %ecx; wrmsr"
        CODE "movl $0xc0000080, %ecx; wrmsr"
        CODE "rdpmc"
        CODE "rdtsc"
        CODE "rdtscp"
        CODE "cpuid"
        CODE "xgetbv"
        CODE "xsetbv"
        CODE "clts"
        CODE "hlt"
        CODE "invd"
        CODE "wbinvd"
        CODE "invlpg (%rax)"
        CODE ".byte 0x66, 0x0f, 0x38, 0x82, 0x08"         // invpcid
        CODE "monitor"
        CODE "mwait"
        CODE "inb %dx, %al"
        CODE "outb %al, %dx"
        CODE "inb $0x20, %al"
        CODE "outb %al, $0xf4"
        CODE "outl %eax, $0xf4"
        CODE "rep insb"
        CODE "rep outsb"
        CODE "rsm"
        CODE "vmcall"
        CODE "vmmcall"
        CODE "vmrun"
        CODE "vmload"
        CODE "vmsave"
        CODE "stgi"
        CODE "clgi"
        CODE "skinit"
        CODE "invlpga"

// The SIMD units
        CODE "fninit"
        CODE "fldcw (%rsp)"
        CODE "fldz"
        CODE "fwait"
        CODE "emms"
        CODE "ldmxcsr (%rsp)"
        CODE "movaps (%rsp), %xmm0"
        CODE "xorps %xmm7, %xmm7"
        CODE "fxsave (%rsp)"
        CODE "fxrstor (%rsp)"
        CODE "xsave (%rsp)"
        CODE "xrstor (%rsp)"
        CODE "vzeroupper"
        CODE "vmovups (%rsp), %ymm0"

// Memory and jumps
        CODE "movq (%rax), %rbx"
        CODE "movq %rbx, (%rax)"
        CODE "movq (%rdi), %rsi"
        CODE "movq %rsi, (%rdi)"
        CODE "lock incq (%rcx)"
        CODE "lock cmpxchg16b (%rdx)"
        CODE "xchgq %rsp, %rax"
        CODE "movq %rdx, %rsp"
        CODE "pushq %rax"
        CODE "popq %rsp"
        CODE "enter $0xffff, $31"
        CODE "leave"
        CODE "rep movsb"
        CODE "rep stosq"
        CODE "repne scasb"
        CODE "xlatb"
        CODE "jmpq *%rax"
        CODE "jmpq *(%rbx)"
        CODE "callq *%rcx"
        CODE "retq"
        CODE "jmp ."
        CODE "1: loop 1b"
        CODE "1: pushq %rax; jmp 1b"
        CODE "1: callq 1b"
        CODE "1: syscall; jmp 1b"
        CODE "divl %ecx"
        CODE "ud2"
        CODE ".byte 0x0f, 0x0b, 0x0f, 0xff"
        CODE ".byte 0x06"                                 // no instruction in 64-bit mode
        CODE ".byte 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90"
        CODE "rdrand %rax"
        CODE "pause"
        CODE "nop"

        .section .rodata.fuzz_lengths, "a", @progbits
heddle_fuzz_lengths_end:

        .section .note.GNU-stack, "", @progbits
