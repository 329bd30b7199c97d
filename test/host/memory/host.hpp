// SPDX-License-Identifier: BSD-2-Clause
// What tests on the host may use beside the kernel's own interfaces.
#pragma once

#include "test/floor/floor.hpp"

#include <string>

namespace heddle::test {

/// Bytes of address space that stand for physical memory, from 0; pages come into being when they are
/// touched. The kernel's instances have the first 64 MiB, the rest is for tests that make their own.
inline constexpr std::size_t host_memory = 20_GiB;

/// A panic on the host.
struct Panic {
    std::string message;
};

/// The message of the panic that `function` ends in; empty when it does not.
template <class Function>
std::string panic_of(Function function) {
    try {
        function();
    } catch (const Panic& panic) {
        return panic.message;
    }
    return {};
}

} // namespace heddle::test
