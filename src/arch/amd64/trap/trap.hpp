// SPDX-License-Identifier: BSD-2-Clause
// Exceptions: who is asked when one comes. Interrupts: which function a vector leads to.
#pragma once

#include "machine/trap_frame.hpp"
#include "trap/exception.hpp"

namespace heddle::amd64 {

/// Sees an exception before it becomes a panic; true: dealt with, return to `frame`, which it may have
/// changed. Runs on the stack of the exception, interrupts off.
using ExceptionHook = bool (*)(machine::TrapFrame& frame);

/// Sets the one hook of `exception`, null for none; returns the one before. Asked after the fix-up table.
ExceptionHook set_exception_hook(Exception exception, ExceptionHook hook);

/// Handles an interrupt vector: interrupts off, on the interrupt stack; says itself when the interrupt has
/// ended.
using VectorHandler = void (*)(std::uint8_t vector);

/// Leads `vector` (32…255) to `handler`. Before any interrupt of that vector can come.
void set_vector_handler(std::uint8_t vector, VectorHandler handler);

} // namespace heddle::amd64
