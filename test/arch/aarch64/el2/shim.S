/* SPDX-License-Identifier: BSD-2-Clause
   What the test image leaves at EL2 when it starts there: it raises virtual SErrors into the kernel, from its timer or at one
   instruction (a hardware breakpoint that is routed to EL2). boot/start.S installs the vectors on every CPU before it drops to
   EL1, if they are linked.

   Runs with EL2's MMU off, at physical addresses, and touches no memory at all: what it has to remember is in TPIDR_EL2, and
   SP_EL2 is but a scratch register. shim.hpp says how it is called (HVC, function in x0, as the SMC calling convention
   numbers a hypervisor's own). Whatever else comes to EL2 stops the CPU; the hang is reported by the host. */
#include "test/arch/aarch64/el2/shim.h"

#define HCR_FMO (1 << 3)
#define HCR_AMO (1 << 5)
#define HCR_VSE (1 << 8)
#define MDCR_TDE (1 << 8)
#define MDSCR_MDE (1 << 15)

.macro stopping_vector
    .balign 0x80
1:  wfi
    b       1b
.endm

.macro el2_vector handler
    .balign 0x80
    mov     sp, x0
    b       \handler
.endm

    .section .text.heddle_el2, "ax", %progbits
    .balign 0x800
    .globl  heddle_el2_vectors
    .hidden heddle_el2_vectors
heddle_el2_vectors:
  .rept 8
    stopping_vector
  .endr
    el2_vector synchronous
    stopping_vector
    el2_vector hit                      /* FIQ: the timer's, the only one that is group 0 */
    stopping_vector
  .rept 4
    stopping_vector
  .endr
    .balign 0x80

/* sp = the caller's x0; all other registers are the caller's. */
synchronous:
    mrs     x0, esr_el2
    lsr     x0, x0, #26
    sub     x0, x0, #0x16
    cbz     x0, call                    /* HVC */
    sub     x0, x0, #(0x18 - 0x16)
    cbz     x0, give_up                 /* a trapped system register */
    sub     x0, x0, #(0x30 - 0x18)
    cbz     x0, hit                     /* a breakpoint of EL1 or EL0 */
2:  wfi
    b       2b

/* The moment: disarms, makes an SError pending, and remembers where in TPIDR_EL2: the address, its upper byte PSTATE's DAIF
   and M. */
hit:
    msr     tpidr_el2, x1
    msr     dbgbcr0_el1, xzr
    msr     cnthp_ctl_el2, xzr
    mrs     x0, hcr_el2
    orr     x0, x0, #HCR_VSE
    bic     x0, x0, #HCR_FMO
    msr     hcr_el2, x0
    mrs     x0, elr_el2
    mrs     x1, spsr_el2
    bfi     x0, x1, #56, #4
    lsr     x1, x1, #6
    bfi     x0, x1, #60, #4
    mrs     x1, tpidr_el2
    msr     tpidr_el2, x0
    mov     x0, sp
    eret

/* While FIQs are routed here the kernel cannot send interrupts (ICC_SGI1R_EL1 is trapped): this moment is given up, the
   instruction executed again. */
give_up:
    msr     cnthp_ctl_el2, xzr
    mrs     x0, hcr_el2
    bic     x0, x0, #HCR_FMO
    msr     hcr_el2, x0
    mov     x0, sp
    eret

/* x0 … x3 are the caller's to lose. */
call:
    mov     x0, sp
    mov     x3, #(EL2_FUNCTIONS & 0xffff)
    movk    x3, #(EL2_FUNCTIONS >> 16), lsl #16
    sub     x0, x0, x3
    cbz     x0, probe
    sub     x0, x0, #1
    cbz     x0, arm_breakpoint
    sub     x0, x0, #1
    cbz     x0, arm_timer
    sub     x0, x0, #1
    cbz     x0, disarm
    mov     x0, #-1                     /* NOT_SUPPORTED */
    eret

probe:
    mov     x0, #EL2_MAGIC
    eret

/* x1 = address */
arm_breakpoint:
    msr     tpidr_el2, xzr
    msr     oslar_el1, xzr
    msr     dbgbvr0_el1, x1
    mov     x2, #0x1e7                  /* all four bytes, EL1 and EL0, on */
    msr     dbgbcr0_el1, x2
    mrs     x3, mdcr_el2
    orr     x3, x3, #MDCR_TDE
    msr     mdcr_el2, x3
    mrs     x3, mdscr_el1
    orr     x3, x3, #MDSCR_MDE
    msr     mdscr_el1, x3
    mrs     x3, hcr_el2
    orr     x3, x3, #HCR_AMO
    msr     hcr_el2, x3
    mov     x0, xzr
    eret

/* x1 = the counter then */
arm_timer:
    msr     tpidr_el2, xzr
    msr     cnthp_cval_el2, x1
    mrs     x3, hcr_el2
    orr     x3, x3, #HCR_AMO
    orr     x3, x3, #HCR_FMO
    msr     hcr_el2, x3
    mov     x3, #1
    msr     cnthp_ctl_el2, x3
    mov     x0, xzr
    eret

/* x0 = where it hit, 0: nowhere; x1 = not 0: the SError is still pending, and withdrawn. */
disarm:
    msr     dbgbcr0_el1, xzr
    msr     cnthp_ctl_el2, xzr
    mrs     x3, mdcr_el2
    bic     x3, x3, #MDCR_TDE
    msr     mdcr_el2, x3
    mrs     x3, mdscr_el1
    bic     x3, x3, #MDSCR_MDE
    msr     mdscr_el1, x3
    mrs     x3, hcr_el2
    and     x1, x3, #HCR_VSE
    mov     x2, #(HCR_VSE | HCR_AMO | HCR_FMO)
    bic     x3, x3, x2
    msr     hcr_el2, x3
    mrs     x0, tpidr_el2
    msr     tpidr_el2, xzr
    eret
