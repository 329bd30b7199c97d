// SPDX-License-Identifier: BSD-2-Clause
// One queue for all CPUs: what is in it is large next to a lock.
#include "core/cpu/work_queue.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/panic.hpp"
#include "core/sync/spinlock.hpp"
#include "lib/manual.hpp"

#include <atomic>

namespace heddle::core::cpu {
namespace {

class WorkQueue {
  public:
    void push(Work& work) EXCLUDES(lock_) {
        const sync::SpinlockGuard guard{lock_};
        HEDDLE_ASSERT(!work.queued);
        list().push_back(work);
        work.queued = true;
        // Relaxed, here and below: changed under the lock; waits() is ordered by the fences of wake_one() and
        // of the idle loop.
        count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    Work* pop() EXCLUDES(lock_) {
        const sync::SpinlockGuard guard{lock_};
        if (list().empty()) {
            return nullptr;
        }
        Work& work = list().front();
        remove(work);
        return &work;
    }

    bool withdraw(Work& work) EXCLUDES(lock_) {
        const sync::SpinlockGuard guard{lock_};
        if (!work.queued) {
            return false;
        }
        remove(work);
        return true;
    }

    bool waits() const { return count_.load(std::memory_order_relaxed) != 0; }

  private:
    using Works = List<Work, &Work::hook>;

    /// Made at first use: the list's head points to itself, which a constant cannot do in an image that
    /// moves.
    Works& list() REQUIRES(lock_) {
        if (!made_) {
            works_.construct();
            made_ = true;
        }
        return *works_;
    }

    void remove(Work& work) REQUIRES(lock_) {
        list().erase(list().iterator_to(work));
        work.queued = false;
        count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }

    sync::Spinlock lock_{sync::Rank::work};
    Manual<Works> works_ GUARDED_BY(lock_);
    bool made_ GUARDED_BY(lock_) = false;
    std::atomic<std::size_t> count_{0};
};

constinit WorkQueue queue;

} // namespace

void submit(Work& work) {
    queue.push(work);
    wake_one();
}

bool withdraw(Work& work) {
    return queue.withdraw(work);
}

bool work_waits() {
    return queue.waits();
}

bool run_one() {
    HEDDLE_ASSERT(!in_interrupt());
    HEDDLE_ASSERT(machine::interrupts_enabled());
    Work* const work = queue.pop();
    if (work == nullptr) {
        return false;
    }
    work->function(*work);
    return true;
}

} // namespace heddle::core::cpu
