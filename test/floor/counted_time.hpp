// SPDX-License-Identifier: BSD-2-Clause
// Whether the machine's time is a count of instructions (`qemu -icount`): what takes seconds of it is slow
// then, and what is counted is exact.
#pragma once

#include "core/sync/interrupts_off.hpp"
#include "machine/cpu.hpp"

#include <algorithm>
#include <array>

namespace heddle::test {

/// A loop takes the same time every time, to the counter's last digit. Any context.
inline bool time_counts_instructions() {
    constexpr unsigned turns = 20'000;
    const core::sync::InterruptsOff off;
    std::array<std::uint64_t, 4> times{};
    for (std::uint64_t& time : times) {
        const std::uint64_t begin = machine::cycle_count();
        for (unsigned left = turns; left > 0; --left) {
            asm volatile("" : "+r"(left)::"memory");
        }
        time = machine::cycle_count() - begin;
    }
    // The first turn is translated on the way.
    const auto [least, most] = std::minmax_element(times.begin() + 1, times.end());
    return *most - *least <= 1;
}

} // namespace heddle::test
