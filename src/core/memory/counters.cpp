// SPDX-License-Identifier: BSD-2-Clause
// The list of live-object counters, see counters.hpp.
#include "core/memory/counters.hpp"

#include "core/memory/reclaim.hpp"

namespace heddle::core::memory::counters {

struct Registry {
    sync::Spinlock lock{sync::Rank::counters};
    Counter* first GUARDED_BY(lock) = nullptr;

    void add(Counter& counter) EXCLUDES(lock) {
        const sync::SpinlockGuard guard{lock};
        Counter** link = &first;
        while (*link != nullptr) {
            link = &(*link)->next_;
        }
        *link = &counter;
    }

    void remove(Counter& counter) EXCLUDES(lock) {
        const sync::SpinlockGuard guard{lock};
        for (Counter** link = &first; *link != nullptr; link = &(*link)->next_) {
            if (*link == &counter) {
                *link = counter.next_;
                counter.next_ = nullptr;
                return;
            }
        }
    }

    Snapshot read() EXCLUDES(lock) {
        Snapshot readings;
        const sync::SpinlockGuard guard{lock};
        for (const Counter* counter = first; counter != nullptr; counter = counter->next_) {
            if (!readings.push_back({counter, counter->name(), counter->live()})) {
                break;
            }
        }
        return readings;
    }
};

namespace {

constinit Registry registry;

std::optional<Difference> compare(const Reading& now, const Snapshot& baseline) {
    for (const Reading& before : baseline) {
        if (before.counter == now.counter) {
            if (before.live == now.live) {
                return {};
            }
            return Difference{now.name, before.live, now.live};
        }
    }
    if (now.live == 0) {
        return {};
    }
    return Difference{now.name, 0, now.live};
}

} // namespace

void add(Counter& counter) {
    registry.add(counter);
}

void remove(Counter& counter) {
    registry.remove(counter);
}

Snapshot snapshot() {
    reclaim();
    return registry.read();
}

std::optional<Difference> first_difference(const Snapshot& baseline) {
    for (const Reading& now : snapshot()) {
        if (const auto difference = compare(now, baseline)) {
            return difference;
        }
    }
    return {};
}

} // namespace heddle::core::memory::counters
