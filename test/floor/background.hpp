// SPDX-License-Identifier: BSD-2-Clause
// Something that runs on another CPU while the case goes on, in thread context.
#pragma once

#include "core/cpu/work_queue.hpp"
#include "core/time/monotonic.hpp"
#include "machine/cpu.hpp"

#include <atomic>
#include <utility>

namespace heddle::test {

/// Whether `count` CPUs are online. If not, the case is skipped and says so: what it shows takes so many.
bool have_cpus(std::uint32_t count);

/// Whether every CPU but the calling one sleeps, or is about to.
bool others_sleep();

/// Spins until `condition()`, at most about `seconds`; whether it came true. Any context.
template <class Condition>
bool eventually(Condition condition, unsigned seconds = 10) {
    const Nanoseconds end = core::time::now() + Nanoseconds{seconds * (1_s).value};
    while (!condition()) {
        if (core::time::now() > end) {
            return condition();
        }
        machine::pause();
    }
    return true;
}

/// Calls `function()` on a CPU that idles, as work; the destructor waits for its end. `function` may not use
/// doctest's assertions: it stores what it sees. Wait for something that only it can do, and it needs another
/// CPU: have_cpus(2).
template <class Function>
class Background : private core::cpu::Work {
  public:
    explicit Background(Function function)
        : Work{.function = run, .hook = {}, .queued = false}
        , function_{std::move(function)} {
        core::cpu::submit(*this);
    }

    ~Background() { wait(); }

    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    void wait() const {
        // Acquire: pairs with the release in run(). Without a limit: the object is in use until then.
        while (!done_.load(std::memory_order_acquire)) {
            machine::pause();
        }
    }

  private:
    static void run(Work& work) {
        auto& self = static_cast<Background&>(work);
        self.function_();
        self.done_.store(true, std::memory_order_release);
    }

    Function function_;
    std::atomic<bool> done_{false};
};

} // namespace heddle::test
