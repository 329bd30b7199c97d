// SPDX-License-Identifier: BSD-2-Clause
// The kernel's deadlines: a queue on each CPU, in front of that CPU's timer.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/time/deadline_queue.hpp"
#include "lib/manual.hpp"

#include <array>

namespace heddle::core::time {

class Deadlines {
  public:
    static constexpr std::string_view interface_name = "deadlines";

    constexpr Deadlines() = default;

    /// Makes the queues. Once, before own() and of().
    void create(ClockDevice& clock) {
        for (Manual<DeadlineQueue>& queue : queues_) {
            queue.construct(clock);
        }
    }

    /// The calling CPU's. Interrupts off, or pinned.
    DeadlineQueue& own() { return of(cpu::current().id); }

    /// CPU `cpu`'s: to cancel there, not to set.
    DeadlineQueue& of(CpuId cpu) { return *queues_[cpu.value]; }

  private:
    std::array<Manual<DeadlineQueue>, CpuId::limit> queues_;
};

} // namespace heddle::core::time
