// SPDX-License-Identifier: BSD-2-Clause
// Position-independent pieces of programs, test/arch/<machine>/user_fragments.S: the same on both machines.
#pragma once

extern "C" {
#define HEDDLE_FRAGMENT(name) [[gnu::visibility("hidden")]] extern const char heddle_fragment_##name[];
HEDDLE_FRAGMENT(begin)
HEDDLE_FRAGMENT(calls)      ///< system calls, one after the other, for ever
HEDDLE_FRAGMENT(read)       ///< reads eight bytes where the argument points; then calls
HEDDLE_FRAGMENT(read_often) ///< does so for ever, and never calls
HEDDLE_FRAGMENT(write)      ///< writes eight bytes there; then calls
HEDDLE_FRAGMENT(jump)       ///< jumps there
HEDDLE_FRAGMENT(undefined)  ///< no instruction
HEDDLE_FRAGMENT(privileged) ///< masks interrupts
HEDDLE_FRAGMENT(spin)       ///< an endless loop
HEDDLE_FRAGMENT(end)        ///< the last one's end
#undef HEDDLE_FRAGMENT
}
