// SPDX-License-Identifier: BSD-2-Clause
// Words on COM1 before the kernel's console exists: for boots that end there.
#pragma once

#include <string_view>

namespace heddle::amd64 {

/// Where the console is unless a description says otherwise: the PC's first serial port.
inline constexpr unsigned short com1_port = 0x3f8;

/// Prints `text`, polled, on a port that nobody set up; a port without a device is given up on. '\n' becomes
/// "\r\n".
void early_print(std::string_view text);

} // namespace heddle::amd64
