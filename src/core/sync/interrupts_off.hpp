// SPDX-License-Identifier: BSD-2-Clause
// Interrupts off for a block: how a CPU has its own data to itself. No lock; other CPUs are not held back.
#pragma once

#include "machine/cpu.hpp"

namespace heddle::core::sync {

/// Turns this CPU's interrupts off, and at the block's end back to what they were. Nests.
class InterruptsOff {
  public:
    InterruptsOff()
        : state_{machine::save_and_disable_interrupts()} {}

    ~InterruptsOff() { machine::restore_interrupts(state_); }

    InterruptsOff(const InterruptsOff&) = delete;
    InterruptsOff& operator=(const InterruptsOff&) = delete;

  private:
    const machine::InterruptState state_;
};

} // namespace heddle::core::sync
