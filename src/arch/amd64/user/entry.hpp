// SPDX-License-Identifier: BSD-2-Clause
// This CPU's way in and out of user mode.
#pragma once

namespace heddle::amd64 {

/// Switches SYSCALL on for the calling CPU. Once on each, when its CPU pointer is set.
void set_up_system_calls();

} // namespace heddle::amd64
