// SPDX-License-Identifier: BSD-2-Clause
// Unlocked reading: what is read inside a section stays allocated until the section ends.
#pragma once

#include "core/cpu/cpu_local.hpp"

#include <atomic>

namespace heddle::core::sync {

/// Disables preemption on this CPU for a block; while it lasts the CPU passes no quiescent point and, later,
/// runs no other thread. Nests; must not sleep inside (asserted where a CPU quiesces or goes idle). Costs an
/// increment and a decrement. Thread or interrupt context; a handler needs none for itself, since no
/// quiescent point comes inside of it but the tick's own.
class ReadSection {
  public:
    ReadSection() {
        cpu::current().preemption_disabled += 1;
        std::atomic_signal_fence(
            std::memory_order_seq_cst); // only an interrupt of this CPU looks at the count
    }

    ~ReadSection() {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        cpu::current().preemption_disabled -= 1;
    }

    ReadSection(const ReadSection&) = delete;
    ReadSection& operator=(const ReadSection&) = delete;
};

} // namespace heddle::core::sync
