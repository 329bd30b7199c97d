// SPDX-License-Identifier: BSD-2-Clause
// The two symbols that -fstack-protector-strong refers to, with the compiler's names.
#include "core/runtime/stack_protector.hpp"

#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "core/panic.hpp"
#include "core/symbols/symbols.hpp"

#include <cstdint>

extern "C" {

/// Until boot draws a random one: a value that no string copy can write whole, and that is no address.
READ_ONLY_AFTER_INIT constinit std::uintptr_t __stack_chk_guard = 0x5ac7'e1f0'0dd0'0a00;

[[noreturn]] void __stack_chk_fail();

/// A function found its canary overwritten: its frame, and the way back, cannot be trusted. Without a canary
/// of its own.
[[gnu::no_stack_protector]] void __stack_chk_fail() {
    char buffer[160];
    heddle::BufferWriter writer{buffer};
    heddle::core::symbols::write_return_address(writer, heddle::VirtAddr::of(__builtin_return_address(0)));
    heddle::core::panic("stack smashed in {}", writer.text());
}

} // extern "C"

namespace heddle::core::runtime {

// Its own frame must not be checked: the canary changes while it runs.
[[gnu::no_stack_protector]] void randomise_stack_guard() {
    // The lowest byte stays zero, so that no string function reads past it or writes it.
    __stack_chk_guard = machine::random() & ~std::uintptr_t{0xff};
}

} // namespace heddle::core::runtime
