// SPDX-License-Identifier: BSD-2-Clause
// The instructions of this CPU's ways into the kernel and out of it, as ranges of addresses.
#pragma once

#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "lib/units.hpp"
#include "offsets.h"

extern "C" {
#define HEDDLE_WINDOW(name) [[gnu::visibility("hidden")]] extern const char heddle_##name[];
HEDDLE_WINDOW(user_synchronous_plain)
HEDDLE_WINDOW(user_synchronous_signing)
HEDDLE_WINDOW(user_return_end_plain)
HEDDLE_WINDOW(user_return_end_signing)
HEDDLE_WINDOW(user_interrupt_plain)
HEDDLE_WINDOW(user_interrupt_signing)
HEDDLE_WINDOW(user_interrupt_end_plain)
HEDDLE_WINDOW(user_interrupt_end_signing)
HEDDLE_WINDOW(kernel_synchronous)
HEDDLE_WINDOW(kernel_synchronous_end)
HEDDLE_WINDOW(kernel_interrupt)
HEDDLE_WINDOW(kernel_restore_end)
#undef HEDDLE_WINDOW
}

namespace heddle::test {

struct Window {
    VirtAddr begin;
    VirtAddr end;

    constexpr bool contains(std::uint64_t address) const {
        return address >= begin.value && address < end.value;
    }

    constexpr std::size_t instructions() const { return (end - begin) / 4; }
};

/// Of vector `number`, up to the branch that leads on.
inline Window vector_window(unsigned number) {
    const VirtAddr begin{READ_SYSTEM_REGISTER(vbar_el1) + number * 0x80};
    VirtAddr end = begin;
    constexpr std::uint32_t branch = 5; // the upper six bits of B
    while (*end.as<const std::uint32_t>() >> 26 != branch) {
        end = end + 4;
    }
    return {begin, end + 4};
}

inline Window window(const char* begin, const char* end) {
    return {VirtAddr::of(begin), VirtAddr::of(end)};
}

/// From the vector of a program's synchronous exception through a system call's handler's call to ERET.
inline Window system_call_window() {
    return aarch64::cpu_features.pointer_authentication
               ? window(heddle_user_synchronous_signing, heddle_user_return_end_signing)
               : window(heddle_user_synchronous_plain, heddle_user_return_end_plain);
}

inline Window user_interrupt_window() {
    return aarch64::cpu_features.pointer_authentication
               ? window(heddle_user_interrupt_signing, heddle_user_interrupt_end_signing)
               : window(heddle_user_interrupt_plain, heddle_user_interrupt_end_plain);
}

} // namespace heddle::test
