// SPDX-License-Identifier: BSD-2-Clause
// Waiting is being idle, with the console looked after.
#include "core/time/wait.hpp"

#include "core/console/console.hpp"
#include "core/cpu/idle.hpp"

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

    struct Context {
        const Alarm& alarm;
        const StopToken& stop;

        bool over() const { return alarm.rang() || stop.stop_requested(); }
    } context{alarm, stop};

    console::poll();
    while (!context.over()) {
        cpu::idle(
            [](void* argument) {
                return static_cast<const Context*>(argument)->over() || console::has_work();
            },
            &context);
        console::poll();
    }
}

} // namespace heddle::core::time
