// SPDX-License-Identifier: BSD-2-Clause
// The contracts of time: a monotonic clock, a one-shot deadline per CPU, and the wall clock on top.
#pragma once

#include "core/interrupt/interrupts.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

#include <string_view>

namespace heddle::core::time {

/// The machine's clock and its one-shot timer (TSC + LAPIC timer; generic timer). Served by a component of
/// the arch room.
class ClockDevice {
  public:
    static constexpr std::string_view interface_name = "clock-device";

    virtual std::string_view name() const = 0;
    /// Since boot; never goes backward on one CPU. Any context.
    virtual Nanoseconds now() const = 0;
    /// The smallest step of now(), rounded up.
    virtual Nanoseconds resolution() const = 0;
    /// Arms this CPU's timer to interrupt at `deadline` or at once if that is past; replaces an earlier
    /// deadline; Nanoseconds::never() disarms it. May interrupt early by the timer's range (the queue
    /// re-arms), never never. Interrupts off.
    virtual void set_deadline(Nanoseconds deadline) = 0;
    /// Who is told that a deadline has come: `handler` runs in interrupt context, interrupts off, on the CPU
    /// whose timer fired. Set once, before the first deadline; without one a timer interrupt is a panic.
    virtual void set_deadline_handler(interrupt::Handler handler) = 0;

  protected:
    ~ClockDevice() = default;
};

} // namespace heddle::core::time
