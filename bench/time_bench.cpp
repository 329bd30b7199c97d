// SPDX-License-Identifier: BSD-2-Clause
// What setting a timer and taking it back costs, the device's registers included.
#include "bench/benchmark.hpp"
#include "core/time/deadlines.hpp"

namespace heddle::bench {
namespace {

constinit core::time::DeadlineQueue* deadlines = nullptr;
constinit core::time::ClockDevice* clock = nullptr;

Result<void> start(core::component::Wiring& wiring) {
    deadlines = &wiring.get<core::time::Deadlines>().own();
    clock = &wiring.get<core::time::ClockDevice>();
    return {};
}

Result<std::uint64_t> timer_set_cancel() {
    core::time::Deadline deadline{[](void*) {}, nullptr};
    const Nanoseconds far = clock->now() + 3600_s;
    return instructions_per_call([&] {
        deadlines->set(deadline, far);
        deadlines->cancel(deadline);
    });
}

HEDDLE_COMPONENT(time_bench){
    .name = "time-bench",
    .provides = {},
    .needs = core::component::interfaces<core::time::Deadlines, core::time::ClockDevice>,
    .start = start,
};

HEDDLE_BENCHMARK(timer){"timer_set_cancel", timer_set_cancel};

} // namespace
} // namespace heddle::bench
