// SPDX-License-Identifier: BSD-2-Clause
// What doctest's implementation may ask of the kernel. Declarations only: files on its side are compiled with
// floating point, and an inline function that they shared with the kernel could reach the kernel in their
// copy.
#pragma once

namespace heddle::test::port {

/// Monotonic time, for doctest's timers.
unsigned long microseconds();

/// Nobody traces a kernel the way doctest would look for.
bool debugger_active();

/// Writes to the kernel's console.
void write(const char* text, unsigned long length);

/// A broken promise of doctest's or the port's: panics with `message`.
[[noreturn]] void fatal(const char* message);

/// Takes and gives back memory of the arena that only doctest and the tests' own containers use. Panics when
/// it is full.
void* allocate(unsigned long bytes);
void deallocate(void* memory);

} // namespace heddle::test::port
