// SPDX-License-Identifier: BSD-2-Clause
// Unlocked reading: what is read inside a section stays allocated until the section ends.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/panic.hpp"

#include <atomic>

namespace heddle::core::sync {

/// Disables preemption on this CPU for a block; while it lasts the CPU passes no quiescent point. Nests; must not wait or idle inside
/// (asserted by quiesce()). Costs an increment and a decrement.
class ReadSection {
  public:
    ReadSection() {
        cpu::current().preemption_disabled += 1;
        std::atomic_signal_fence(std::memory_order_seq_cst); // only an interrupt of this CPU looks at the count
    }

    ~ReadSection() {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        cpu::current().preemption_disabled -= 1;
    }

    ReadSection(const ReadSection&) = delete;
    ReadSection& operator=(const ReadSection&) = delete;
};

} // namespace heddle::core::sync
