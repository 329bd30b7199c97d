// SPDX-License-Identifier: BSD-2-Clause
// Whether a CPU's TSC shows what the boot CPU's does.
#pragma once

#include "lib/result.hpp"

#include <cstdint>

namespace heddle::amd64 {

/// One comparison: this CPU's TSC before and after the other one read its own.
struct SkewSample {
    std::uint64_t before;
    std::uint64_t other;
    std::uint64_t after;

    /// Cycles by which this CPU is certainly ahead of the other; negative: behind; 0: it cannot be told.
    constexpr std::int64_t skew() const {
        const auto too_early = static_cast<std::int64_t>(before - other);
        const auto too_late = static_cast<std::int64_t>(after - other);
        return too_early > 0 ? too_early : too_late < 0 ? too_late : 0;
    }
};

static_assert(SkewSample{100, 150, 200}.skew() == 0);
static_assert(SkewSample{100, 100, 100}.skew() == 0);
static_assert(SkewSample{100, 90, 200}.skew() == 10);
static_assert(SkewSample{100, 230, 200}.skew() == -30);

/// Leads the vector of the question to its answer. Once, by the boot CPU.
void set_clock_question_handler();

/// Asks the boot CPU for its TSC a few times: the greatest skew that shows, in cycles. Error::timed_out when
/// it does not answer in `patience` cycles, Error::busy while another CPU asks. Not on the boot CPU, which
/// must have interrupts on.
Result<std::int64_t> measure_skew(std::uint64_t patience);

} // namespace heddle::amd64
