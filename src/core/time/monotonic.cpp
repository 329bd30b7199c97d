// SPDX-License-Identifier: BSD-2-Clause
// The clock behind now(), and the busy wait.
#include "core/time/monotonic.hpp"

#include "core/panic.hpp"
#include "machine/cpu.hpp"

#include <atomic>

namespace heddle::core::time {
namespace {

constinit std::atomic<const ClockDevice*> current{nullptr};

} // namespace

Nanoseconds now() {
    // Acquire: pairs with the release exchange in set_clock(), after which the device is ready.
    const ClockDevice* clock = current.load(std::memory_order_acquire);
    return clock != nullptr ? clock->now() : Nanoseconds{};
}

const ClockDevice* set_clock(const ClockDevice* clock) {
    // Release: pairs with the acquire load in now(). Acquire: the caller may use the one before.
    return current.exchange(clock, std::memory_order_acq_rel);
}

void wait(const ClockDevice& clock, Nanoseconds duration) {
    HEDDLE_ASSERT(duration <= longest_wait);
    const Nanoseconds end = clock.now() + duration + clock.resolution();
    while (clock.now() < end) {
        machine::pause();
    }
}

} // namespace heddle::core::time
