// SPDX-License-Identifier: BSD-2-Clause
// Which of the CPU's registers EL0 may reach.
#pragma once

namespace heddle::aarch64 {

/// Closes to programs, on the calling CPU, what is open or unknown after reset: timers, performance monitors,
/// the debug channel. They may read the virtual counter. Once on each CPU, before its first program.
void close_registers_to_programs();

} // namespace heddle::aarch64
