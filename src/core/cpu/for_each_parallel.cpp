// SPDX-License-Identifier: BSD-2-Clause
// Parallel loops. One piece of work stands for the whole loop: each CPU that takes it offers it again before
// it starts, so that helpers come as long as there are idle CPUs and indices, and the caller's stack holds
// one node, not one per CPU.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/notify.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/work_queue.hpp"
#include "core/panic.hpp"

#include <atomic>

namespace heddle::core::cpu {
namespace {

/// Lies on the caller's stack, so nobody may touch it after leave().
class Loop : private Work {
  public:
    Loop(std::size_t count, void (*function)(void*, std::size_t), void* argument)
        : Work{.function = help, .hook = {}, .queued = false}
        , count_{count}
        , function_{function}
        , argument_{argument} {}

    void run() {
        if (count_ > 1 && online_count() > 1) {
            offer();
        }
        work_through();
        wait_for_helpers();
    }

  private:
    /// In users_: the caller sleeps until the last helper wakes it.
    static constexpr std::uint32_t caller_sleeps = 1U << 31;
    /// How often the caller looks before it sleeps: helpers are mostly about to end, too.
    static constexpr unsigned looks = 1000;

    void offer() {
        // Relaxed: whoever offers is a user itself, so that the count does not fall to 0 meanwhile.
        users_.fetch_add(1, std::memory_order_relaxed);
        submit(*this);
    }

    void work_through() {
        // Relaxed: only hands out indices.
        for (std::size_t i = next_.fetch_add(1, std::memory_order_relaxed); i < count_;
             i = next_.fetch_add(1, std::memory_order_relaxed)) {
            function_(argument_, i);
        }
        // Every offer is followed by this, on the CPU that made it: the last one to come here leaves none
        // behind.
        if (withdraw(*this)) {
            // Relaxed: an offer has done nothing that anybody need see.
            users_.fetch_sub(1, std::memory_order_relaxed);
        }
    }

    static void help(Work& work) {
        auto& loop = static_cast<Loop&>(work);
        if (loop.next_.load(std::memory_order_relaxed) + 1 < loop.count_) {
            loop.offer();
        }
        loop.work_through();
        loop.leave();
    }

    void leave() {
        const CpuId caller = caller_;
        // Release: pairs with the acquire in helpers(). The last touch.
        if (users_.fetch_sub(1, std::memory_order_release) == caller_sleeps + 1) {
            send_notification(CpuSet::of(caller), machine::Notification::reschedule);
        }
    }

    std::uint32_t helpers() const {
        // Acquire: pairs with the release in leave().
        return users_.load(std::memory_order_acquire) & ~caller_sleeps;
    }

    void wait_for_helpers() {
        for (unsigned i = 0; helpers() != 0 && i < looks; ++i) {
            machine::pause();
        }
        // Acquire: pairs with the release in leave(). A helper that left before has not seen the bit, and
        // wakes nobody.
        if (helpers() != 0 && users_.fetch_or(caller_sleeps, std::memory_order_acquire) != 0) {
            sleep_until([](void* loop) { return static_cast<const Loop*>(loop)->helpers() == 0; }, this);
        }
    }

    const std::size_t count_;
    void (*const function_)(void*, std::size_t);
    void* const argument_;
    const CpuId caller_ = current().id; ///< it may not move while it waits
    std::atomic<std::size_t> next_{0};
    std::atomic<std::uint32_t> users_{0}; ///< offers in the queue, and helpers
};

} // namespace

void for_each_parallel(std::size_t count, void (*function)(void*, std::size_t), void* argument) {
    HEDDLE_ASSERT(!in_interrupt());
    HEDDLE_ASSERT(machine::interrupts_enabled());
    Loop{count, function, argument}.run();
}

} // namespace heddle::core::cpu
