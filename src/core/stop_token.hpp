// SPDX-License-Identifier: BSD-2-Clause
// A request to stop, seen by whoever polls it.
#pragma once

#include <atomic>
#include <string_view>

namespace heddle::core {

/// One request, made once, never taken back: by the power button, Ctrl-C in `heddle run`, or the console's
/// `stop`. Any context, any CPU.
class StopToken {
  public:
    static constexpr std::string_view interface_name = "stop-token";

    // Relaxed, both: the flag says nothing about other memory.
    bool stop_requested() const { return requested_.load(std::memory_order_relaxed); }

    void request_stop() { requested_.store(true, std::memory_order_relaxed); }

  private:
    std::atomic<bool> requested_{false};
};

} // namespace heddle::core
