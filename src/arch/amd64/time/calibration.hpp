// SPDX-License-Identifier: BSD-2-Clause
// How fast the TSC and the local APIC's timer run: told by the CPU or hypervisor, else measured once, in 50
// µs.
#pragma once

#include "lib/result.hpp"

#include <cstdint>
#include <string_view>

namespace heddle::amd64 {

struct Frequencies {
    std::uint64_t tsc = 0;   ///< Hz
    std::uint64_t timer = 0; ///< Hz of the local APIC's timer at divisor 1
    std::string_view source; ///< for the log
};

/// One moment on the TSC and on a reference counter.
struct TimeSample {
    std::uint64_t tsc = 0;
    std::uint64_t uncertainty = 0; ///< cycles that the moment may lie before or after
    std::uint32_t reference = 0;
};

/// ACPI 6.5, 4.8.2.1: a counter of at least 24 bits.
inline constexpr std::uint64_t power_management_timer_hz = 3'579'545;
inline constexpr std::uint32_t power_management_timer_mask = 0xff'ffff;

/// A moment at which the timer at `port` went to a new value, the sharpest of a few. Error::not_found when it
/// stands still.
Result<TimeSample> sample_power_management_timer(std::uint16_t port);

/// The TSC's frequency over `window` counts of the power-management timer at `port`.
Result<std::uint64_t> measure_tsc_by_power_management_timer(std::uint16_t port, std::uint32_t window);

/// The same against channel 2 of the 8254. Error::not_found when it never ends.
Result<std::uint64_t> measure_tsc_by_interval_timer();

/// Asks CPUID, measures what it does not say. `port` is the power-management timer's, 0 when there is none.
/// The local APIC is on; its timer is used and left stopped. Interrupts off.
Result<Frequencies> calibrate(std::uint16_t port);

} // namespace heddle::amd64
