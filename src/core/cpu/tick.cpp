// SPDX-License-Identifier: BSD-2-Clause
// The component `tick`: a deadline on each CPU that is not idle.
#include "core/cpu/tick.hpp"

#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/memory/limbo.hpp"
#include "core/sync/grace_period.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/time/deadlines.hpp"
#include "lib/manual.hpp"

#include <array>
#include <atomic>

namespace heddle::core::cpu {
namespace {

/// Frames that one tick gives back at most.
constexpr std::size_t reap_limit = 32;

/// Null before the component has started, and when it has stopped.
constinit std::atomic<time::Deadlines*> deadlines{nullptr};
constinit time::ClockDevice* clock = nullptr;
constinit std::array<Manual<time::Deadline>, CpuId::limit> ticks{};

time::Deadline& own_tick() {
    return *ticks[current().id.value];
}

void fire(void*) {
    tick();
    memory::reap_limbo(reap_limit);
    if (sync::deferred_ready()) {
        wake_one();
    }
    start_tick();
}

Result<void> start(component::Wiring& wiring) {
    clock = &wiring.get<time::ClockDevice>();
    for (Manual<time::Deadline>& each : ticks) {
        each.construct(fire, nullptr);
    }
    // Release: pairs with the acquire in start_tick() and stop_tick().
    deadlines.store(&wiring.get<time::Deadlines>(), std::memory_order_release);
    const sync::InterruptsOff off;
    start_tick();
    return {};
}

void stop() {
    const sync::InterruptsOff off;
    stop_tick();
    // Relaxed: takes nothing away that another CPU uses still, its last tick included; it sets no further
    // one.
    deadlines.store(nullptr, std::memory_order_relaxed);
}

} // namespace

void start_tick() {
    // Acquire: pairs with the release in start().
    if (auto* const queues = deadlines.load(std::memory_order_acquire); queues != nullptr) {
        queues->own().set(own_tick(), clock->now() + tick_period);
    }
}

void stop_tick() {
    // Acquire: pairs with the release in start().
    if (auto* const queues = deadlines.load(std::memory_order_acquire); queues != nullptr) {
        queues->own().cancel(own_tick());
    }
}

HEDDLE_COMPONENT(tick_component){
    .name = "tick",
    .provides = {},
    .needs = component::interfaces<time::Deadlines, time::ClockDevice>,
    .start = start,
    .stop = stop,
};

} // namespace heddle::core::cpu
