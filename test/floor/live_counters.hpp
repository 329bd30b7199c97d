// SPDX-License-Identifier: BSD-2-Clause
// The live-object counters' baseline: taken when one of these is made, compared when it is asked.
#pragma once

#include "core/memory/counters.hpp"

#include <optional>

namespace heddle::test {

/// The port makes one around every run of every case; a case may make one around a part of itself.
class LiveCounters {
  public:
    LiveCounters()
        : baseline_{core::memory::counters::snapshot()} {}

    /// The first counter that is not at the baseline.
    std::optional<core::memory::counters::Difference> difference() const {
        return core::memory::counters::first_difference(baseline_);
    }

  private:
    core::memory::counters::Snapshot baseline_;
};

} // namespace heddle::test
