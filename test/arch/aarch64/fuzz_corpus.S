/* SPDX-License-Identifier: BSD-2-Clause
   Instructions that a program had better not get through with, and some that it may: what the fuzzer mutates. */
    .arch   armv8.5-a+memtag+rng

.macro code text
    .pushsection .rodata.fuzz_code, "a", %progbits
8881: \text
8882: .popsection
    .pushsection .rodata.fuzz_lengths, "a", %progbits
    .byte   8882b - 8881b
    .popsection
.endm

/* Reading and writing a system register, each with two general ones. */
.macro both register
    code "mrs x0, \register"
    code "msr \register, x1"
    code "msr \register, xzr"
.endm

    .section .rodata.fuzz_code, "a", %progbits
    .balign 4
    .globl  heddle_fuzz_code
    .hidden heddle_fuzz_code
heddle_fuzz_code:
    .section .rodata.fuzz_lengths, "a", %progbits
    .globl  heddle_fuzz_lengths, heddle_fuzz_lengths_end
    .hidden heddle_fuzz_lengths, heddle_fuzz_lengths_end
heddle_fuzz_lengths:

/* Ways into the kernel, and back */
    code "svc #0"
    code "svc #0"
    code "svc #0"
    code "svc #0"
    code "svc #0"
    code "svc #0xffff"
    code "hvc #0"
    code "smc #0"
    code "brk #0"
    code "brk #0x7e57"
    code "hlt #0"
    code "hlt #0xf000"
    code "eret"
    code "eretaa"
    code "drps"
    code "dcps1"
    code "udf #0"
    code "udf #0xffff"

/* Waiting */
    code "wfi"
    code "wfe"
    code "sev; wfe"
    code "yield"
    code ".inst 0xd5031000"                   /* WFET x0 */
    code ".inst 0xd5031020"                   /* WFIT x0 */

/* PSTATE */
    code "msr daifset, #0xf"
    code "msr daifclr, #0xf"
    code "msr spsel, #1"
    code "msr spsel, #0"
    code "msr pan, #0"
    code "msr uao, #1"
    code "msr ssbs, #1"
    code "msr dit, #1"
    code "msr tco, #1"
    both daif
    both nzcv
    both spsel
    both S3_0_C4_C2_2                       /* CurrentEL */
    code "cfinv"

/* Registers of the kernel's */
    both sctlr_el1
    both ttbr0_el1
    both ttbr1_el1
    both tcr_el1
    both mair_el1
    both vbar_el1
    both esr_el1
    both far_el1
    both spsr_el1
    both elr_el1
    both sp_el0
    both cpacr_el1
    both tpidr_el1
    both contextidr_el1
    both cntkctl_el1
    both mdscr_el1
    both S3_0_C2_C1_0                       /* APIAKeyLo_EL1 */
    both S3_0_C2_C1_1
    both S3_0_C12_C12_0                     /* ICC_IAR1_EL1 */
    both S3_0_C12_C12_1                     /* ICC_EOIR1_EL1 */
    both S3_0_C12_C11_5                     /* ICC_SGI1R_EL1 */
    both S3_0_C4_C6_0                       /* ICC_PMR_EL1 */
    both dbgbvr0_el1
    both dbgbcr0_el1
    both dbgwcr0_el1
    both S2_0_C1_C0_4                       /* OSLAR_EL1 */
    both csselr_el1
    code "mrs x2, midr_el1"
    code "mrs x3, mpidr_el1"
    code "mrs x4, id_aa64pfr0_el1"

/* Registers that a program may have, or that somebody forgot to close */
    both tpidr_el0
    both tpidrro_el0
    both cntv_ctl_el0
    both cntv_cval_el0
    both cntv_tval_el0
    both cntp_ctl_el0
    both cntp_cval_el0
    both cntp_tval_el0
    both cntfrq_el0
    both S3_3_C14_C0_2                      /* CNTVCT_EL0 */
    both S3_3_C14_C0_1                      /* CNTPCT_EL0 */
    both pmcr_el0
    both pmccntr_el0
    both pmcntenset_el0
    both pmovsclr_el0
    both pmselr_el0
    both pmuserenr_el0
    both S3_3_C9_C12_4                      /* PMSWINC_EL0 */
    both pmintenset_el1
    both S3_3_C0_C0_1                       /* CTR_EL0 */
    both S3_3_C0_C0_7                       /* DCZID_EL0 */
    both S2_3_C0_C1_0                       /* MDCCSR_EL0 */
    both dbgdtr_el0
    both fpcr
    both fpsr
    code "mrs x5, rndr"

/* Caches and translations */
    code "dc zva, x0"
    code "dc civac, x1"
    code "dc cvac, x2"
    code "dc cvau, x3"
    code "dc ivac, x4"
    code "dc isw, x5"
    code "dc cisw, x6"
    code "ic ivau, x7"
    code "ic iallu"
    code "ic ialluis"
    code "tlbi vmalle1"
    code "tlbi vmalle1is"
    code "tlbi vaae1is, x0"
    code "at s1e1r, x1"
    code "at s1e0w, x2"
    code "isb"
    code "dsb sy"
    code "dmb sy"
    code "sb"
    code "clrex"

/* SIMD, SVE, pointer authentication, tags */
    code "fmov d0, x0"
    code "fadd d0, d1, d2"
    code "ldr q0, [sp]"
    code "movi v0.16b, #0xff"
    code ".inst 0x04bf5000"                   /* RDVL x0, #0 */
    code ".inst 0x2518e3e0"                   /* PTRUE p0.B */
    code ".inst 0xd503477f"                   /* SMSTART */
    code "paciasp"
    code "autiasp"
    code "retaa"
    code "pacia x1, x2"
    code "autia x1, x2"
    code "braa x0, x1"
    code "xpaci x3"
    code "pacga x1, x2, x3"
    code "irg x0, x1"
    code "stg x0, [x1]"
    code "ldg x2, [x3]"

/* Memory and jumps */
    code "ldr x1, [x0]"
    code "str x1, [x0]"
    code "ldp x2, x3, [sp], #16"
    code "stp x2, x3, [sp, #-16]!"
    code "ldtr x4, [x5]"
    code "sttr x4, [x5]"
    code "ldxr x6, [x7]; stxr w8, x6, [x7]"
    code "ldaxp x1, x2, [x3]"
    code "ldadd x1, x2, [x3]"
    code "casp x0, x1, x2, x3, [x4]"
    code "prfm pldl1keep, [x0]"
    code "mov sp, x0"
    code "add sp, sp, #4095"
    code "br x0"
    code "blr x1"
    code "ret"
    code "ret x2"
    code "bti c"
    code "b ."
    code "1: str x0, [sp, #-16]!; b 1b"
    code "1: svc #0; b 1b"
    code "tbz x0, #63, ."
    code "adr x30, .; ret"
    code "mov x0, #-1; br x0"
    code "movk x0, #0xffff, lsl #48; ldr x1, [x0]"
    code "nop"

    .section .rodata.fuzz_lengths, "a", %progbits
heddle_fuzz_lengths_end:
