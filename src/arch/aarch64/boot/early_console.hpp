// SPDX-License-Identifier: BSD-2-Clause
// The PL011 of QEMU's virt board, polled, for what goes wrong before the console works. Without such a board
// nothing is heard.
#pragma once

#include "lib/units.hpp"

#include <string_view>

namespace heddle::aarch64 {

/// Where QEMU's virt board has its first PL011; the console of a machine that describes none.
inline constexpr PhysAddr early_console_base{0x0900'0000};

/// Writes `text` to the registers at `base`.
void early_print(VirtAddr base, std::string_view text);

/// With the MMU off: writes `reason` and stops.
[[noreturn]] void early_halt(std::string_view reason);

} // namespace heddle::aarch64
