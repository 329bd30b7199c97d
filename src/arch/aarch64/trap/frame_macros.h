/* SPDX-License-Identifier: BSD-2-Clause
   Macros that the vectors and user/entry.S share: the registers of a frame, and the exchange of keys. */
#pragma once

/* clang-format off: not C */

#include "offsets.h"

/* x2 … x29 to, or from, the frame at \frame, which may be x0 or sp. */
.macro store_registers frame
    stp     x2, x3, [\frame, #FRAME_X(2)]
    stp     x4, x5, [\frame, #FRAME_X(4)]
    stp     x6, x7, [\frame, #FRAME_X(6)]
    stp     x8, x9, [\frame, #FRAME_X(8)]
    stp     x10, x11, [\frame, #FRAME_X(10)]
    stp     x12, x13, [\frame, #FRAME_X(12)]
    stp     x14, x15, [\frame, #FRAME_X(14)]
    stp     x16, x17, [\frame, #FRAME_X(16)]
    stp     x18, x19, [\frame, #FRAME_X(18)]
    stp     x20, x21, [\frame, #FRAME_X(20)]
    stp     x22, x23, [\frame, #FRAME_X(22)]
    stp     x24, x25, [\frame, #FRAME_X(24)]
    stp     x26, x27, [\frame, #FRAME_X(26)]
    stp     x28, x29, [\frame, #FRAME_X(28)]
.endm

.macro load_registers frame
    ldp     x2, x3, [\frame, #FRAME_X(2)]
    ldp     x4, x5, [\frame, #FRAME_X(4)]
    ldp     x6, x7, [\frame, #FRAME_X(6)]
    ldp     x8, x9, [\frame, #FRAME_X(8)]
    ldp     x10, x11, [\frame, #FRAME_X(10)]
    ldp     x12, x13, [\frame, #FRAME_X(12)]
    ldp     x14, x15, [\frame, #FRAME_X(14)]
    ldp     x16, x17, [\frame, #FRAME_X(16)]
    ldp     x18, x19, [\frame, #FRAME_X(18)]
    ldp     x20, x21, [\frame, #FRAME_X(20)]
    ldp     x22, x23, [\frame, #FRAME_X(22)]
    ldp     x24, x25, [\frame, #FRAME_X(24)]
    ldp     x26, x27, [\frame, #FRAME_X(26)]
    ldp     x28, x29, [\frame, #FRAME_X(28)]
.endm

/* What the CPU says of the interrupted context; x2 … x4 are stored before. \vector is an immediate. The syndrome of what is not
   synchronous and no SError is not the CPU's word on it: 0. Leaves x2 = pc, x4 = syndrome. FAR_EL1 is left to who knows that it
   means something. */
.macro store_state frame, vector, has_syndrome
    mrs     x2, sp_el0
    stp     x30, x2, [\frame, #FRAME_X(30)]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [\frame, #FRAME_PC]
    stp     x29, x2, [\frame, #FRAME_RECORD]
    mov     x3, #\vector
  .if \has_syndrome
    mrs     x4, esr_el1
    stp     x4, x3, [\frame, #FRAME_ESR]
  .else
    stp     xzr, x3, [\frame, #FRAME_ESR]
  .endif
.endm

/* Makes the key at offset \offset of CpuData (in \cpu) the one that signs return addresses; \low and \high are lost. In effect
   after a context synchronisation. */
.macro set_key cpu, offset, low, high
    ldp     \low, \high, [\cpu, #\offset]
    msr     S3_0_C2_C1_0, \low          /* APIAKeyLo_EL1 */
    msr     S3_0_C2_C1_1, \high         /* APIAKeyHi_EL1 */
.endm
