// SPDX-License-Identifier: BSD-2-Clause
// Where the linked image's parts begin and end: symbols that both machines' linker scripts define alike.
#pragma once

#include "lib/units.hpp"

extern "C" {
// Page-aligned boundaries, in this order in memory.
extern const char heddle_image_start[]; // = start of text
extern const char heddle_text_end[];    // read-execute
extern const char heddle_rodata_end[];  // read-only
extern const char heddle_relro_end[];   // written by self-relocation and boot, then read-only
extern const char heddle_data_end[];    // read-write, with bss, to the end of the image
extern const char heddle_image_end[];
}

namespace heddle::core::memory {

/// One part of the image, to be mapped with its own permissions.
struct ImagePart {
    VirtAddr begin;
    VirtAddr end;
};

inline ImagePart image_text() {
    return {VirtAddr::of(heddle_image_start), VirtAddr::of(heddle_text_end)};
}

inline ImagePart image_rodata() {
    return {VirtAddr::of(heddle_text_end), VirtAddr::of(heddle_rodata_end)};
}

inline ImagePart image_relro() {
    return {VirtAddr::of(heddle_rodata_end), VirtAddr::of(heddle_relro_end)};
}

inline ImagePart image_data() {
    return {VirtAddr::of(heddle_relro_end), VirtAddr::of(heddle_image_end)};
}

} // namespace heddle::core::memory

/// A variable that boot writes and nobody afterwards: it lies in the part that becomes read-only after init.
#define READ_ONLY_AFTER_INIT [[gnu::section(".data.ro_after_init")]]
