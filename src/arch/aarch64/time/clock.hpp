// SPDX-License-Identifier: BSD-2-Clause
// The generic timer (Arm ARM D12): the virtual counter as the clock, the EL1 virtual timer of each CPU for
// deadlines.
#pragma once

#include "core/time/clock.hpp"
#include "time/scale.hpp"

namespace heddle::aarch64 {

class GenericTimer final : public core::time::ClockDevice {
  public:
    constexpr GenericTimer() = default;

    /// Starts the clock so that it showed 0 when the counter showed `zero`. Error::not_supported when
    /// firmware does not say how fast the counter runs. Once.
    Result<void> initialise(std::uint64_t zero);

    std::string_view name() const override { return "generic timer"; }

    Nanoseconds now() const override;

    Nanoseconds resolution() const override { return scale_.resolution(); }

    void set_deadline(Nanoseconds deadline) override;

    void set_deadline_handler(core::interrupt::Handler handler) override { handler_ = handler; }

    Result<void> start_on_this_cpu() override;

    /// The timer's interrupt on the calling CPU: silences the timer and tells the handler, which may set it
    /// anew.
    void handle_interrupt();

  private:
    CounterScale scale_;
    std::uint64_t zero_ = 0;
    core::interrupt::Handler handler_;
};

} // namespace heddle::aarch64
