// SPDX-License-Identifier: BSD-2-Clause
// The idle loop of a kernel with one thread.
#include "core/time/wait.hpp"

#include "core/console/console.hpp"
#include "machine/cpu.hpp"

#include <atomic>

namespace heddle::core::time {
namespace {

/// A deadline that says that it has fired.
class Alarm {
  public:
    Alarm(DeadlineQueue& deadlines, Nanoseconds when)
        : deadlines_{deadlines} {
        deadlines_.set(deadline_, when);
    }

    ~Alarm() { deadlines_.cancel(deadline_); }

    // Relaxed, here and where it is set: the flag stands for itself, and it is this CPU's interrupt that sets
    // it.
    bool rang() const { return rang_.load(std::memory_order_relaxed); }

  private:
    static void ring(void* argument) {
        static_cast<Alarm*>(argument)->rang_.store(true, std::memory_order_relaxed);
    }

    DeadlineQueue& deadlines_;
    std::atomic<bool> rang_{false};
    Deadline deadline_{ring, this};
};

} // namespace

void wait_until(DeadlineQueue& deadlines, const StopToken& stop, Nanoseconds when) {
    const Alarm alarm{deadlines, when};
    for (;;) {
        console::poll();
        // With interrupts off nothing can come between the questions and the sleep, which turns them on.
        machine::disable_interrupts();
        if (alarm.rang() || stop.stop_requested()) {
            machine::enable_interrupts();
            return;
        }
        if (console::has_work()) {
            machine::enable_interrupts();
        } else {
            machine::wait_for_interrupt();
        }
    }
}

} // namespace heddle::core::time
