// SPDX-License-Identifier: BSD-2-Clause
// How we were booted: numbers that the assembler entry hands to C++.
#pragma once

#define HEDDLE_PROTOCOL_MULTIBOOT2 1
#define HEDDLE_PROTOCOL_PVH 2

// In EAX at entry, Multiboot2 3.3.
#define HEDDLE_MULTIBOOT2_MAGIC 0x36d76289

/* A failure before the command line is known is reported as a panic's status where QEMU's isa-debug-exit is
 * (exit.cpp): on a PC nobody is at that port, and the CPU halts. */
#define HEDDLE_DEBUG_EXIT_PORT 0xf4
#define HEDDLE_EARLY_FAILURE 0x7f
