// SPDX-License-Identifier: BSD-2-Clause
// The options linked into this image: the bounds of the linker section `.options`. Kernel only; host tests
// bring their own.
#include "core/boot/command_line.hpp"

extern "C" {
extern const heddle::core::boot::Option heddle_options_start[];
extern const heddle::core::boot::Option heddle_options_end[];
}

namespace heddle::core::boot {

std::span<const Option> known_options() {
    return {heddle_options_start, heddle_options_end};
}

namespace {

/// GRUB's `linux` command puts it first on every command line.
HEDDLE_OPTION(boot_image){.key = "BOOT_IMAGE", .help = "the kernel's file name, set by GRUB; not used"};

} // namespace
} // namespace heddle::core::boot
