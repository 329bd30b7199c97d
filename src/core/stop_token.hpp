// SPDX-License-Identifier: BSD-2-Clause
// A request to stop, seen by whoever polls it.
#pragma once

#include <atomic>

namespace heddle::core {

/// One request, made once, never taken back. Any context, any CPU.
class StopToken {
  public:
    // Relaxed: the flag says nothing about other memory.
    bool stop_requested() const { return requested_.load(std::memory_order_relaxed); }

    void request_stop() { requested_.store(true, std::memory_order_relaxed); }

  private:
    std::atomic<bool> requested_{false};
};

} // namespace heddle::core
