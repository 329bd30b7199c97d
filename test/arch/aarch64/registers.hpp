// SPDX-License-Identifier: BSD-2-Clause
// registers.S: every register holds a pattern while an exception is taken.
#pragma once

#include <array>
#include <cstdint>

namespace heddle::test {

/// x0 … x30, then NZCV.
using Registers = std::array<std::uint64_t, 32>;

inline constexpr std::uint16_t test_breakpoint = 0x7e57;

} // namespace heddle::test

extern "C" {
/// Loads `in`, executes BRK test_breakpoint, stores what the registers hold afterwards to `out`.
void heddle_test_across_breakpoint(const heddle::test::Registers& in, heddle::test::Registers& out);
/// The same across an SVC, which the kernel does not use.
void heddle_test_across_system_call(const heddle::test::Registers& in, heddle::test::Registers& out);
/// The same across one moment with interrupts on: one must be pending.
void heddle_test_across_interrupt(const heddle::test::Registers& in, heddle::test::Registers& out);
/// The stack pointer of the two functions above while the exception is taken: known after they have returned.
extern std::uint64_t heddle_test_stack_pointer;
}
