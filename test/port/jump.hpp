// SPDX-License-Identifier: BSD-2-Clause
// setjmp and longjmp for the test image alone; the machine's half is in <machine>/jump.S.
#pragma once

#include <cstdint>

namespace heddle::test::port {

/// Registers that a call preserves, stack pointer and return address: enough for either machine.
struct JumpBuffer {
    std::uint64_t words[22];
};

} // namespace heddle::test::port

extern "C" {

/// Returns 0, and 1 once more for every heddle_jump() to `buffer`, which must come before the caller returns.
/// Locals that changed in between have no defined value unless volatile.
[[gnu::returns_twice]] int heddle_set_jump(heddle::test::port::JumpBuffer* buffer);

/// Goes back to where `buffer` was set. No destructor of the frames in between runs.
[[noreturn]] void heddle_jump(const heddle::test::port::JumpBuffer* buffer);

} // extern "C"
