// SPDX-License-Identifier: BSD-2-Clause
// How we were booted: numbers that the assembler entry hands to C++.
#pragma once

#define HEDDLE_PROTOCOL_MULTIBOOT2 1
#define HEDDLE_PROTOCOL_PVH 2

// In EAX at entry, Multiboot2 3.3.
#define HEDDLE_MULTIBOOT2_MAGIC 0x36d76289
