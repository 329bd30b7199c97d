// SPDX-License-Identifier: BSD-2-Clause
// The component `tsc`: the time-stamp counter as the monotonic clock, the local APIC's timer for deadlines.
#include "core/time/clock.hpp"

#include "core/component/component.hpp"
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/log/log.hpp"
#include "core/panic.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "machine/cpu.hpp"
#include "time/calibration.hpp"
#include "time/scale.hpp"
#include "time/skew.hpp"
#include "trap/trap.hpp"

#include <algorithm>

namespace heddle::amd64 {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

class Tsc final : public core::time::ClockDevice {
  public:
    /// `first_cycle` is where time begins.
    Result<void> start(std::uint64_t first_cycle, std::uint16_t power_management_timer) {
        const Frequencies frequencies = TRY(calibrate(power_management_timer));
        first_cycle_ = first_cycle;
        resolution_ = Nanoseconds{(second + frequencies.tsc - 1) / frequencies.tsc};
        to_nanoseconds_ = Scale{second, frequencies.tsc};
        to_timer_ = Scale{frequencies.timer, second};
        answer_time_ = frequencies.tsc / 4;
        set_vector_handler(timer_vector, expire);
        set_clock_question_handler();
        start_timer();
        core::log::info("clock: TSC {} kHz, timer {} kHz ({})", frequencies.tsc / 1000,
                        frequencies.timer / 1000, frequencies.source);
        return {};
    }

    /// Each CPU once: one-shot, by divisor 1, disarmed.
    static void start_timer() {
        constexpr std::uint32_t divide_by_1 = 0xb;
        local_apic().write(LocalApicRegister::timer_divide, divide_by_1);
        local_apic().write(LocalApicRegister::timer_initial_count, 0);
        local_apic().write(LocalApicRegister::timer, timer_vector);
    }

    static void stop_timer() {
        constexpr std::uint32_t masked = 1U << 16;
        local_apic().write(LocalApicRegister::timer, masked | timer_vector);
        local_apic().write(LocalApicRegister::timer_initial_count, 0);
    }

    std::string_view name() const override { return "tsc"; }

    Nanoseconds now() const override {
        return Nanoseconds{to_nanoseconds_(machine::cycle_count() - first_cycle_)};
    }

    Nanoseconds resolution() const override { return resolution_; }

    void set_deadline(Nanoseconds deadline) override {
        local_apic().write(LocalApicRegister::timer_initial_count, count_until(deadline));
    }

    void set_deadline_handler(core::interrupt::Handler handler) override { handler_ = handler; }

    Result<void> start_on_this_cpu() override {
        start_timer();
        report_skew();
        return {};
    }

  private:
    /// Time is one on all CPUs only if their counters are.
    void report_skew() const {
        const std::uint32_t self = core::cpu::current().id.value;
        const auto skew = measure_skew(answer_time_);
        if (!skew) {
            core::log::info("clock: the TSC of CPU {} is not compared: {}", self, skew.error());
        } else if (*skew != 0) {
            core::log::warning("clock: the TSC of CPU {} is {} cycles {} the boot CPU's", self,
                               *skew > 0 ? *skew : -*skew, *skew > 0 ? "ahead of" : "behind");
        }
    }

    static void expire(std::uint8_t vector);

    /// What the timer counts down from until `deadline`: rounded up, at least 1, 0 for never. Farther ones
    /// than the register holds come early.
    std::uint32_t count_until(Nanoseconds deadline) const {
        if (deadline == Nanoseconds::never()) {
            return 0;
        }
        const Nanoseconds present = now();
        const std::uint64_t span = deadline > present ? (deadline - present).value : 0;
        const std::uint64_t longest = std::uint64_t{UINT32_MAX}
                                      << 8; // keeps the product small; any timer is slower
        return static_cast<std::uint32_t>(
            std::min<std::uint64_t>(to_timer_(std::min(span, longest)) + 1, UINT32_MAX));
    }

    std::uint64_t first_cycle_ = 0;
    std::uint64_t answer_time_ =
        0; ///< in cycles: 250 ms, of which an emulator's boot CPU may be kept waiting for some
    Scale to_nanoseconds_;
    Scale to_timer_;
    Nanoseconds resolution_;
    core::interrupt::Handler handler_;
};

constinit Tsc tsc;

void Tsc::expire(std::uint8_t vector) {
    static_cast<void>(vector);
    if (tsc.handler_.function == nullptr) {
        core::panic("the timer fired and nobody handles deadlines");
    }
    tsc.handler_.function(tsc.handler_.argument);
    local_apic().end_of_interrupt();
}

Result<void> start(core::component::Wiring& wiring) {
    const auto& boot_info = wiring.boot_info();
    TRY(tsc.start(boot_info.first_cycle, boot_info.timer.power_management_timer));
    wiring.provide<core::time::ClockDevice>(tsc);
    return {};
}

void stop() {
    Tsc::stop_timer();
}

} // namespace

HEDDLE_COMPONENT(tsc_component){
    .name = "tsc",
    .provides = core::component::interfaces<core::time::ClockDevice>,
    .needs = core::component::interfaces<core::interrupt::Controller>,
    .start = start,
    .stop = stop,
};

} // namespace heddle::amd64
