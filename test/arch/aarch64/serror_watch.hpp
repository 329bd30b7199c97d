// SPDX-License-Identifier: BSD-2-Clause
// SErrors that a case provokes: noted on each CPU as they are handled, and judged.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "machine/trap_frame.hpp"
#include "test/arch/aarch64/el2/shim.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/trap.hpp"

#include <array>

namespace heddle::test {

/// Handles SErrors for a block. Runner's thread.
class SErrorWatch {
  public:
    SErrorWatch();
    ~SErrorWatch();
    SErrorWatch(const SErrorWatch&) = delete;
    SErrorWatch& operator=(const SErrorWatch&) = delete;

    /// Forgets the calling CPU's.
    void begin();

    /// Whether the calling CPU has handled exactly one since begin(), and rightly: the one that became
    /// pending at `hit`.
    void judge(const el2::Hit& hit, Findings& findings) const;
};

} // namespace heddle::test
