/* SPDX-License-Identifier: BSD-2-Clause
   Offsets and constants that assembler and C++ share; each is asserted where the C++ structure is defined. */
#pragma once

/* machine/cpu_data.hpp: CpuData */
#define CPU_INTERRUPT_STACK 0
#define CPU_EXCEPTION_STACK 8
#define CPU_NESTED_STACK 16
#define CPU_SERROR_STACK 24
#define CPU_FRAME_STACK 32
#define CPU_EXCEPTION_DEPTH 40
#define CPU_THREAD_STACK 48
#define CPU_START_TABLES 56
#define CPU_START_ADDRESS 64
#define CPU_START_POINTER 72
#define CPU_USER_FRAME 80
#define CPU_SIGNS 88
#define CPU_KEY 96
#define CPU_USER_KEY 112

/* machine/trap_frame.hpp: TrapFrame */
#define FRAME_X(n) ((n) * 8)
#define FRAME_SP 248
#define FRAME_PC 256
#define FRAME_PSTATE 264
#define FRAME_ESR 272
#define FRAME_VECTOR 280
#define FRAME_RECORD 288
#define FRAME_FAR 304
#define FRAME_SIZE 320

/* Which of the sixteen vectors was taken, as TrapFrame::vector counts them: by offset in the table / 0x80. */
#define VECTOR_SP0_SYNCHRONOUS 0
#define VECTOR_SP0_IRQ 1
#define VECTOR_SP0_FIQ 2
#define VECTOR_SP0_SERROR 3
#define VECTOR_SP1_SYNCHRONOUS 4
#define VECTOR_LOWER_SYNCHRONOUS 8
#define VECTOR_LOWER_IRQ 9
#define VECTOR_LOWER_SERROR 11

/* boot/handoff.hpp: Handoff */
#define HANDOFF_DEVICE_TREE 0
#define HANDOFF_FIRST_CYCLE 8

/* machine/page_table.hpp and boot/start.S agree on these registers' values. MAIR: 0 normal write-back, 1
 * device-nGnRE. */
#define MAIR_VALUE 0x04ff
#define MAIR_NORMAL 0
#define MAIR_DEVICE 1

/* TCR_EL1: 48-bit addresses in both halves, 4 KiB granule, walks inner shareable and write-back. */
#define TCR_T0SZ 16
#define TCR_T1SZ (16 << 16)
#define TCR_WALKS_TTBR0 ((1 << 8) | (1 << 10) | (3 << 12))
#define TCR_WALKS_TTBR1 ((1 << 24) | (1 << 26) | (3 << 28))
#define TCR_TG1_4K (2 << 30)
#define TCR_EPD0_SHIFT 7
#define TCR_EPD1_SHIFT 23
#define TCR_IPS_SHIFT 32
#define TCR_VALUE (TCR_T0SZ | TCR_T1SZ | TCR_WALKS_TTBR0 | TCR_WALKS_TTBR1 | TCR_TG1_4K)
