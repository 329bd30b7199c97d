// SPDX-License-Identifier: BSD-2-Clause
// The spinlocks that a CPU holds, innermost last: what the check of lock ranks in test images looks at.
#pragma once

#include "lib/config.hpp"

#include <array>
#include <cstddef>

namespace heddle::core::sync {
class Spinlock;
}

namespace heddle::core::cpu {

/// Touched only by its own CPU, with interrupts off; looked at by reports on CPUs that hang
/// (core/cpu_state.hpp).
struct HeldLocks {
    struct Entry {
        const sync::Spinlock* lock;
        const void* taken_at; ///< return address into the taker
    };

    /// None where nothing is checked.
    static constexpr std::size_t capacity = config::assertions ? 16 : 0;

    std::array<Entry, capacity> entries;
    std::size_t count;
    bool waits; ///< the innermost is not held yet but waited for
};

} // namespace heddle::core::cpu
