// SPDX-License-Identifier: BSD-2-Clause
// What this CPU can do beyond x86-64's base, and the protections that are switched on where it can.
#pragma once

namespace heddle::amd64 {

/// The boot CPU's; a CPU that differs is not used.
struct Features {
    bool gigabyte_pages = false;
    bool smep = false;     ///< the kernel does not execute user pages
    bool smap = false;     ///< the kernel does not touch user pages but between STAC and CLAC
    bool umip = false;     ///< programs do not see descriptor tables
    bool fsgsbase = false; ///< programs write their FS and GS bases themselves
    bool machine_check = false;
    bool page_attributes = false; ///< PAT
    bool rdrand = false;
    bool hypervisor = false;

    bool operator==(const Features&) const = default;
};

/// Asks CPUID. Once, by the boot CPU, before features() is used.
void detect_features();

const Features& features();

/// Whether the calling CPU has what detect_features() found.
bool has_features_of_boot_cpu();

/// Sets this CPU's control registers: write protection for the kernel too, alignment checks for programs that
/// ask for them, SMEP, SMAP, UMIP and FSGSBASE where there are.
void enable_protections();

/// Writes shorter instructions into the entry paths where the CPU has them (cpu/alternative.h). Once, by the
/// boot CPU, while text is still writable.
void patch_entry_paths();

} // namespace heddle::amd64
