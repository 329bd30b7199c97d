/* SPDX-License-Identifier: BSD-2-Clause
   What shim.S and its callers share. */
#pragma once

/* The first of the shim's functions: 64-bit, vendor specific hypervisor service (Arm DEN 0028). */
#define EL2_FUNCTIONS 0xc600ff00
#define EL2_MAGIC 0x4842
