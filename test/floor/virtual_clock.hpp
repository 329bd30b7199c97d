// SPDX-License-Identifier: BSD-2-Clause
// A clock that stands still until the test moves it: a ClockDevice for deadline queues under test.
#pragma once

#include "core/time/clock.hpp"
#include "machine/cpu.hpp"

namespace heddle::test {

/// Starts at `start`. Not the machine's clock, and unknown to the kernel that runs the tests.
class VirtualClock final : public core::time::ClockDevice {
  public:
    explicit VirtualClock(Nanoseconds start = Nanoseconds{0})
        : now_{start} {}

    std::string_view name() const override { return "virtual"; }

    Nanoseconds now() const override { return now_; }

    Nanoseconds resolution() const override { return Nanoseconds{1}; }

    void set_deadline(Nanoseconds deadline) override {
        deadline_ = deadline;
        ++times_armed_;
    }

    void set_deadline_handler(core::interrupt::Handler handler) override { handler_ = handler; }

    Result<void> start_on_this_cpu() override { return {}; }

    /// Moves on by `step`, stopping at each deadline on the way to call the handler, with interrupts off, as
    /// hardware does.
    void advance(Nanoseconds step) {
        const Nanoseconds target = now_ + step;
        while (deadline_ <= target) {
            now_ = deadline_ > now_ ? deadline_ : now_;
            fire();
        }
        now_ = target;
    }

    /// What the timer is set to; Nanoseconds::never() when it is not.
    Nanoseconds deadline() const { return deadline_; }

    /// How often set_deadline() was called.
    unsigned times_armed() const { return times_armed_; }

    /// How often the timer fired.
    unsigned times_fired() const { return times_fired_; }

  private:
    void fire() {
        // One-shot: disarmed unless the handler arms it again.
        deadline_ = Nanoseconds::never();
        ++times_fired_;
        const auto interrupts = machine::save_and_disable_interrupts();
        if (handler_.function != nullptr) {
            handler_.function(handler_.argument);
        }
        machine::restore_interrupts(interrupts);
    }

    Nanoseconds now_;
    Nanoseconds deadline_ = Nanoseconds::never();
    core::interrupt::Handler handler_;
    unsigned times_armed_ = 0;
    unsigned times_fired_ = 0;
};

} // namespace heddle::test
