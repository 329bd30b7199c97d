// SPDX-License-Identifier: BSD-2-Clause
// The same on every CPU at the same time, in thread context.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/work_queue.hpp"
#include "test/floor/background.hpp"

#include <atomic>
#include <memory>

namespace heddle::test {

/// Calls `function(cpu)` on each CPU that is online, as soon as all are there; returns when all have. False
/// when they did not all come within seconds, and then some have not called it. `function` may not use
/// doctest's assertions. Runner's thread.
template <class Function>
bool on_each_cpu(Function function) {
    struct Meeting {
        Function& function;
        const std::uint64_t all;
        std::atomic<std::uint64_t> here{0};
        std::atomic<bool> complete{true};
    } meeting{.function = function, .all = core::cpu::online().bits()};

    core::cpu::for_each_parallel(
        core::cpu::online_count(),
        [](void* argument, std::size_t) {
            auto& at = *static_cast<Meeting*>(argument);
            const CpuId self = core::cpu::current().id;
            at.here |= CpuSet::of(self).bits();
            // Each index waits for the others, so that every CPU gets one.
            if (eventually([&] { return at.here == at.all; })) {
                at.function(self);
            } else {
                at.complete = false;
            }
        },
        &meeting);
    return meeting.complete;
}

} // namespace heddle::test
