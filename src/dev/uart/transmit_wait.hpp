// SPDX-License-Identifier: BSD-2-Clause
// The bounded wait for a transmitter: a UART that has stopped costs one long wait, and then next to nothing.
#pragma once

#include "machine/cpu.hpp"

#include <atomic>
#include <cstdint>

namespace heddle::dev::uart {

/// Any context, any CPU.
class TransmitWait {
  public:
    /// About a second of register reads on real hardware: a slow reader at the other end of an emulator's
    /// pipe is not dead.
    static constexpr std::uint32_t patience = 1'000'000;

    /// Waits until `ready()`; false when it did not become so. After one wait in vain the next calls look
    /// only once, until the transmitter moves again.
    template <class Ready>
    bool wait(Ready ready) {
        if (ready()) {
            // Relaxed, here and below: a hint for the next wait.
            stalled_.store(false, std::memory_order_relaxed);
            return true;
        }
        if (stalled_.load(std::memory_order_relaxed)) {
            return false;
        }
        for (std::uint32_t i = 0; i < patience; ++i) {
            machine::pause();
            if (ready()) {
                return true;
            }
        }
        stalled_.store(true, std::memory_order_relaxed);
        return false;
    }

  private:
    std::atomic<bool> stalled_{false};
};

} // namespace heddle::dev::uart
