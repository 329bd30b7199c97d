// SPDX-License-Identifier: BSD-2-Clause
// The order of deadlines and what the clock device is told. Cancelling leaves the device alone: it interrupts
// once for nothing, which is cheaper than programming it for each time-out that never happens.
#include "core/time/deadline_queue.hpp"

#include <algorithm>

namespace heddle::core::time {

void DeadlineQueue::set(Deadline& deadline, Nanoseconds when) {
    const sync::SpinlockGuard guard{lock_};
    if (deadline.set_) {
        queue_.erase(queue_.iterator_to(deadline));
    }
    deadline.when_ = std::max(when, earliest_);
    deadline.set_ = true;
    queue_.insert_equal(deadline);
    if (deadline.when_ < armed_) {
        arm(deadline.when_);
    }
}

bool DeadlineQueue::cancel(Deadline& deadline) {
    const sync::SpinlockGuard guard{lock_};
    if (!deadline.set_) {
        return false;
    }
    queue_.erase(queue_.iterator_to(deadline));
    deadline.set_ = false;
    return true;
}

void DeadlineQueue::expire() {
    const Nanoseconds now = begin_expiry();
    while (Deadline* deadline = take_due(now)) {
        deadline->function_(deadline->argument_);
    }
    end_expiry();
}

Nanoseconds DeadlineQueue::begin_expiry() {
    const sync::SpinlockGuard guard{lock_};
    const Nanoseconds now = clock_.now();
    armed_ = Nanoseconds{};
    earliest_ = now + 1_ns;
    return now;
}

Deadline* DeadlineQueue::take_due(Nanoseconds now) {
    const sync::SpinlockGuard guard{lock_};
    if (queue_.empty() || queue_.begin()->when_ > now) {
        return nullptr;
    }
    Deadline& first = *queue_.begin();
    queue_.erase(queue_.begin());
    first.set_ = false;
    return &first;
}

void DeadlineQueue::end_expiry() {
    const sync::SpinlockGuard guard{lock_};
    earliest_ = Nanoseconds{};
    arm(queue_.empty() ? Nanoseconds::never() : queue_.begin()->when_);
}

Nanoseconds DeadlineQueue::next() const {
    const sync::SpinlockGuard guard{lock_};
    return queue_.empty() ? Nanoseconds::never() : queue_.begin()->when_;
}

void DeadlineQueue::arm(Nanoseconds when) {
    armed_ = when;
    clock_.set_deadline(when);
}

} // namespace heddle::core::time
