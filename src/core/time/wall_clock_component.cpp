// SPDX-License-Identifier: BSD-2-Clause
// The component that reads the clock chip once and serves the wall clock from there.
#include "core/component/wiring.hpp"
#include "core/log/log.hpp"
#include "core/machine/machine.hpp"
#include "core/time/wall_clock.hpp"

#include <optional>

namespace heddle::core::time {
namespace {

constinit std::optional<WallClock> wall_clock;

/// A machine without a clock chip starts in 1970, and says so.
Result<void> start(component::Wiring& wiring) {
    const ClockDevice& clock = wiring.get<ClockDevice>();
    const auto seconds = machine::read_real_time_clock(wiring.boot_info());
    if (!seconds) {
        log::warning("no wall clock: {}", seconds.error());
    }
    wall_clock.emplace(clock, seconds.value_or(0), clock.now());
    char text[32];
    BufferWriter writer{text};
    write_rfc3339(writer, to_civil(wall_clock->now().seconds));
    log::info("wall clock: {}", writer.text());
    wiring.provide(*wall_clock);
    return {};
}

void stop() {
    wall_clock.reset();
}

} // namespace

HEDDLE_COMPONENT(wall_clock_component){
    .name = "wall-clock",
    .provides = component::interfaces<WallClock>,
    .needs = component::interfaces<ClockDevice>,
    .start = start,
    .stop = stop,
};

} // namespace heddle::core::time
