/* SPDX-License-Identifier: BSD-2-Clause
   The first page of the image: its headers, the entry of direct boot, the way from EL2 to EL1, and turning the MMU on.

   Headers: Linux Documentation/arch/arm64/booting.rst ("Call the kernel image") and the PE/COFF specification, as UEFI 2.1.1
   wants it. Everything before `in_upper_half` runs at physical addresses, the MMU off: position independent, no unaligned
   access, no DC ZVA. */
#include "offsets.h"

    .section .head, "ax", %progbits
    .globl  heddle_head
heddle_head:
    add     x13, x18, #0x16             /* reads "MZ" to EFI; does nothing */
    b       direct_entry
    .quad   0                           /* offset from a 2 MiB boundary */
    .quad   heddle_image_size           /* with what follows the file */
    .quad   0xa                         /* little-endian, 4 KiB pages, anywhere in memory */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   pe_header - heddle_head

    .balign 8
pe_header:
    .ascii  "PE\0\0"
    .short  0xaa64                      /* machine: arm64 */
    .short  2                           /* sections */
    .long   0, 0, 0                     /* time stamp, symbol table, symbols */
    .short  section_table - optional_header
    .short  0x0206                      /* executable, no debug information, no line numbers */
optional_header:
    .short  0x020b                      /* PE32+ */
    .byte   0, 0                        /* linker version */
    .long   heddle_pe_text_size
    .long   heddle_pe_data_size
    .long   0                           /* uninitialised data: counted in .data */
    .long   heddle_pe_entry
    .long   0x1000                      /* base of code */
    .quad   0                           /* preferred base */
    .long   0x1000, 0x200               /* section alignment, file alignment */
    .short  0, 0, 0, 0, 0, 0            /* versions of system, image, subsystem */
    .long   0
    .long   heddle_image_size
    .long   0x1000                      /* headers */
    .long   0                           /* checksum */
    .short  10                          /* EFI application */
    .short  0x0100                      /* works where data is not executable */
    .quad   0, 0, 0, 0                  /* stack and heap sizes */
    .long   0
    .long   6                           /* directories, all empty */
    .quad   0, 0, 0, 0, 0, 0
section_table:
    .ascii  ".text\0\0\0"
    .long   heddle_pe_text_size, 0x1000, heddle_pe_text_size, 0x1000
    .long   0, 0, 0
    .long   0x60000020                  /* code, executable, readable */
    .ascii  ".data\0\0\0"
    .long   heddle_pe_data_size, heddle_pe_data_offset, heddle_pe_data_file_size, heddle_pe_data_offset
    .long   0, 0, 0
    .long   0xc0000040                  /* initialised data, readable, writable */

/* \register = physical, or virtual, address of \symbol, as the program counter is. */
.macro address_of register, symbol
    adrp    \register, \symbol
    add     \register, \register, :lo12:\symbol
.endm

/* From the loader: x0 = device tree, MMU off, EL1 or EL2, image cleaned to memory. */
    .balign 4
direct_entry:
    msr     daifset, #0xf
    mrs     x3, cntvct_el0
    address_of x1, heddle_bss_start
    address_of x2, heddle_bss_end
1:  stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    1b
    address_of x1, heddle_handoff
    stp     x0, x3, [x1, #HANDOFF_DEVICE_TREE]

/* Joined by the EFI stub: MMU off, EL1 or EL2, interrupts masked, the hand-off filled. */
enter:
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.ne    1f
    bl      drop_to_el1
1:  msr     SPSel, #0
    address_of x0, heddle_boot_stack_top
    mov     sp, x0
    mov     x29, xzr
    ldr     w0, sctlr_off
    msr     sctlr_el1, x0
    isb
    bl      heddle_make_early_tables
    mov     x19, x0
    /* What was written with the MMU off lies in memory; no stale line may hide it once caches are on. */
    address_of x0, heddle_bss_start
    adrp    x1, heddle_early_tables_end
    bl      invalidate_range
    mov     x0, x19
    bl      turn_mmu_on
    adr     x0, in_upper_half
    adrp    x1, heddle_head
    sub     x0, x0, x1
    mov     x1, #0xffffffff80000000     /* the image's address as linked */
    add     x0, x0, x1
    br      x0

in_upper_half:
    address_of x0, heddle_boot_stack_top
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    bl      close_lower_half
    bl      heddle_choose_place         /* x0: how far from here the image is mapped, too */
    adr     x1, in_place
    add     x1, x1, x0
    br      x1

in_place:
    address_of x0, heddle_boot_stack_top
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    b       heddle_machine_start

/* From PSCI CPU_ON: x0 = physical address of the CPU's CpuData, MMU off, EL1 or EL2. Writes no memory on its way up. */
    .globl  heddle_secondary_entry
    .hidden heddle_secondary_entry
heddle_secondary_entry:
    msr     daifset, #0xf
    mov     x19, x0
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.ne    1f
    bl      drop_to_el1
1:  msr     SPSel, #0
    ldr     w0, sctlr_off
    msr     sctlr_el1, x0
    isb
    ldp     x0, x20, [x19, #CPU_START_TABLES]
    ldr     x19, [x19, #CPU_START_POINTER]
    bl      turn_mmu_on
    br      x20

/* x0 = tables of the upper half. Returns at the identity-mapped address, both halves open. Any CPU, at EL1. */
    .globl  turn_mmu_on
    .hidden turn_mmu_on
turn_mmu_on:
    mov     x1, #MAIR_VALUE
    msr     mair_el1, x1
    ldr     x1, tcr_value
    mrs     x2, id_aa64mmfr0_el1
    and     x2, x2, #0xf                /* PARange, of which 48 bits is the most these tables can say */
    mov     x3, #5
    cmp     x2, x3
    csel    x2, x2, x3, lo
    orr     x1, x1, x2, lsl #TCR_IPS_SHIFT
    msr     tcr_el1, x1
    address_of x1, heddle_identity_root
    msr     ttbr0_el1, x1
    msr     ttbr1_el1, x0
    dsb     sy
    ic      iallu
    tlbi    vmalle1
    dsb     nsh
    isb
    ldr     w1, sctlr_on
    msr     sctlr_el1, x1
    isb
    ret

/* Programs' half is empty until there are programs. */
close_lower_half:
    mrs     x0, tcr_el1
    orr     x0, x0, #(1 << TCR_EPD0_SHIFT)
    msr     tcr_el1, x0
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    ret

/* x0 = new tables of the upper half. Runs from the identity mapping, which the caller opened, and returns to the upper half:
   no old and new translation are alive together (break before make, Arm ARM D8.16.1). */
    .globl  heddle_exchange_tables
    .hidden heddle_exchange_tables
heddle_exchange_tables:
    mrs     x1, tcr_el1
    orr     x2, x1, #(1 << TCR_EPD1_SHIFT)
    msr     tcr_el1, x2
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    msr     ttbr1_el1, x0
    isb
    msr     tcr_el1, x1
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    ret

/* Drops what the caches hold of x0 … x1, both rounded outward to lines; x0-x3 are lost. */
invalidate_range:
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4
    mov     x3, #4
    lsl     x2, x3, x2                  /* bytes of the smallest data cache line */
    sub     x3, x2, #1
    bic     x0, x0, x3
1:  dc      ivac, x0
    add     x0, x0, x2
    cmp     x0, x1
    b.lo    1b
    dsb     sy
    ret

/* From EL2 to EL1 with nothing trapped, by way of ERET to the caller. Each register that the CPU may lack is guarded by its
   ID field (Arm ARM D19). */
drop_to_el1:
    mov     x0, #(1 << 31)              /* HCR_EL2.RW: EL1 is AArch64; no second stage */
    orr     x0, x0, #(3 << 40)          /* APK, API: pointer authentication is EL1's own */
    msr     hcr_el2, x0
    isb
    msr     vttbr_el2, xzr
    msr     hstr_el2, xzr
    adr     x0, el2_vectors
    ldr     x1, [x0]
    cbz     x1, 6f
    add     x0, x0, x1
    msr     vbar_el2, x0
6:
    mrs     x0, midr_el1
    msr     vpidr_el2, x0
    mrs     x0, mpidr_el1
    msr     vmpidr_el2, x0
    mov     x0, #3                      /* EL1 uses the physical counter and timer */
    msr     cnthctl_el2, x0
    msr     cntvoff_el2, xzr

    mrs     x1, id_aa64pfr0_el1
    mov     x0, #0x33ff                 /* CPTR_EL2: FP and SIMD are not trapped; the rest is reserved, one */
    ubfx    x2, x1, #32, #4             /* SVE */
    cbz     x2, 1f
    mov     x2, #0x1ff                  /* ZCR_EL2 of whatever length there is */
    bic     x0, x0, #(1 << 8)
    msr     cptr_el2, x0
    isb
    msr     S3_4_C1_C2_0, x2
1:  msr     cptr_el2, x0

    ubfx    x2, x1, #24, #4             /* GIC system registers */
    cbz     x2, 2f
    mrs     x0, S3_4_C12_C9_5           /* ICC_SRE_EL2 */
    orr     x0, x0, #1                  /* SRE */
    orr     x0, x0, #8                  /* EL1 may use its own */
    msr     S3_4_C12_C9_5, x0
    isb
    mrs     x0, S3_4_C12_C9_5
    tbz     x0, #0, 2f
    msr     S3_4_C12_C11_0, xzr         /* ICH_HCR_EL2: no virtual interrupts */
2:
    mrs     x0, id_aa64dfr0_el1
    ubfx    x0, x0, #8, #4              /* PMUVer: 0 none, 15 not Arm's */
    mov     x2, xzr
    cbz     x0, 3f
    cmp     x0, #15
    b.eq    3f
    mrs     x2, pmcr_el0
    ubfx    x2, x2, #11, #5             /* all event counters are EL1's */
3:  msr     mdcr_el2, x2

    mrs     x0, id_aa64mmfr0_el1
    ubfx    x0, x0, #56, #4             /* fine-grained traps */
    cbz     x0, 4f
    msr     S3_4_C1_C1_4, xzr           /* HFGRTR_EL2 */
    msr     S3_4_C1_C1_5, xzr           /* HFGWTR_EL2 */
    msr     S3_4_C1_C1_6, xzr           /* HFGITR_EL2 */
    msr     S3_4_C3_C1_4, xzr           /* HDFGRTR_EL2 */
    msr     S3_4_C3_C1_5, xzr           /* HDFGWTR_EL2 */
4:  mrs     x0, id_aa64mmfr1_el1
    ubfx    x0, x0, #40, #4
    cbz     x0, 5f
    msr     S3_4_C1_C2_2, xzr           /* HCRX_EL2 */
5:  ldr     w0, sctlr_off
    msr     sctlr_el1, x0
    mov     x0, #0x3c4                  /* EL1 on SP_EL0, everything masked */
    msr     spsr_el2, x0
    msr     elr_el2, x30
    eret

    .balign 8
el2_vectors:                            /* the test image's shim, test/arch/aarch64/el2; 0 when it is not linked */
    .weak   heddle_el2_vectors
    .hidden heddle_el2_vectors
    .quad   heddle_el2_vectors - .
tcr_value:
    .quad   TCR_VALUE
/* SCTLR_EL1 with the bits that are reserved as one without the features behind them (LSMAOE, nTLSMD, SPAN, EIS, TSCXT, EOS). */
sctlr_off:
    .long   0x30d00800
/* M, C, SA, SA0, I, WXN: on; stack alignment is checked, what is writable is never executable. */
sctlr_on:
    .long   0x30d00800 | (1 << 0) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 12) | (1 << 19)

/* Where start.address leads: in the upper half, x19 = CpuData. */
    .section .text.heddle_secondary, "ax", %progbits
    .globl  heddle_secondary_in_upper_half
    .hidden heddle_secondary_in_upper_half
heddle_secondary_in_upper_half:
    bti     j
    ldr     x0, [x19, #CPU_THREAD_STACK]
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    bl      close_lower_half
    mov     x0, x19
    mov     x30, xzr
    b       heddle_secondary_machine_start

/* The EFI stub's last step, on the firmware's mappings after its services have ended: nothing of the image may be left in the
   caches alone when they are turned off. Not in the first page, which to the firmware is headers and not executable. */
    .section .text.heddle_leave_firmware, "ax", %progbits
    .globl  heddle_leave_firmware
    .hidden heddle_leave_firmware
heddle_leave_firmware:
    msr     daifset, #0xf
    adrp    x0, heddle_image_start
    adrp    x1, heddle_image_end
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4
    mov     x3, #4
    lsl     x2, x3, x2
1:  dc      civac, x0
    add     x0, x0, x2
    cmp     x0, x1
    b.lo    1b
    dsb     sy
    ic      ialluis
    dsb     sy
    isb
    mov     x2, #0x1005                 /* SCTLR: M, C, I */
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.eq    2f
    mrs     x1, sctlr_el1
    bic     x1, x1, x2
    msr     sctlr_el1, x1
    b       3f
2:  mrs     x1, sctlr_el2
    bic     x1, x1, x2
    msr     sctlr_el2, x1
3:  isb
    b       enter
