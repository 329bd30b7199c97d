// SPDX-License-Identifier: BSD-2-Clause
// Asking the shim at EL2 (shim.S) for a virtual SError at a chosen moment. All of it is about the calling
// CPU, which the caller stays on.
#pragma once

#include "core/memory/arena.hpp"
#include "lib/units.hpp"

#include <cstdint>
#include <optional>

namespace heddle::test::el2 {

/// Whether the calling CPU has the shim: it started at EL2, and nobody but the kernel is there.
bool present();

/// An SError becomes pending right before the instruction at `address` is executed for the first time.
void arm_breakpoint(VirtAddr address);

/// An SError becomes pending when the counter has reached `count`, by the shim's timer. Between open_timer()
/// and close_timer(), while there is a TimerGroup.
void arm_timer(std::uint64_t count);

/// Whether the timer's interrupt can be told from the kernel's: by group, on a GICv3.
bool have_timer_group();

/// Interrupts of group 0, which arrive as FIQs, are let through by the GICv3 for a block. Runner's thread.
class TimerGroup {
  public:
    TimerGroup();
    ~TimerGroup();
    TimerGroup(const TimerGroup&) = delete;
    TimerGroup& operator=(const TimerGroup&) = delete;

  private:
    void switch_group(bool on);

    core::memory::Mapping distributor_;
};

/// Makes the calling CPU's EL2 timer one of them, and back.
void open_timer();
void close_timer();

/// The moment at which it became pending.
struct Hit {
    std::uint64_t pc; ///< of the next instruction
    bool masked;      ///< PSTATE.A: the kernel had SErrors masked
    bool in_user_mode;
    bool still_pending; ///< it was not taken until disarm(), which took it back
};

/// Ends what was armed. Nothing: the moment did not come.
std::optional<Hit> disarm();

} // namespace heddle::test::el2
