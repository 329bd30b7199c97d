// SPDX-License-Identifier: BSD-2-Clause
// Touching memory that may not be there: a fault becomes an error instead of a panic. For diagnosis (a
// backtrace over a broken stack) and for tests that prove a protection by trying it; programs' memory has its
// own copies (issue 3).
#pragma once

#include "lib/result.hpp"
#include "lib/units.hpp"

#include <cstdint>

namespace heddle::machine {

/// The 64 bits at `address`, with the kernel's rights; Error::bad_address when the read faults. Any context.
Result<std::uint64_t> probe_read(VirtAddr address);

/// Stores `value` at `address`, with the kernel's rights; Error::bad_address when the write faults. Any
/// context.
Result<void> probe_write(VirtAddr address, std::uint64_t value);

/// Calls `address`, where a return instruction must stand (`return_instruction`); Error::bad_address when
/// fetching it faults, that is when the page is not executable in the kernel. Any context.
Result<void> probe_execute(VirtAddr address);

/// What probe_execute() expects at its address: this machine's "return", in memory order, in the low bytes.
extern const std::uint32_t return_instruction;

} // namespace heddle::machine
