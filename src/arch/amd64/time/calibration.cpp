// SPDX-License-Identifier: BSD-2-Clause
// Measuring must not spin for long (an emulator counts it as instructions) and must not believe a sample that
// the host interrupted, or an emulator that translated code for the first time: so each sample is taken
// between two readings of the TSC, and is repeated until two are about as narrow as each other.
#include "time/calibration.hpp"

#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "interrupt/local_apic.hpp"
#include "machine/cpu.hpp"
#include "machine/io.hpp"

#include <algorithm>

namespace heddle::amd64 {
namespace {

using machine::cycle_count;

constexpr unsigned least_samples = 4; ///< the first ones find cold caches, or an emulator's translator
constexpr unsigned most_samples = 16;
constexpr std::uint64_t windows_per_second = 20'000; // 50 µs each
constexpr std::uint64_t lowest_plausible_hz = 10'000'000;
constexpr std::uint64_t highest_plausible_hz = 100'000'000'000;

/// The narrowest of a few samples, of which two must be about as narrow as each other.
template <class Take>
Result<TimeSample> sharpest(Take take) {
    TimeSample best = TRY(take());
    for (unsigned i = 1; i < most_samples; ++i) {
        const TimeSample next = TRY(take());
        const bool agree =
            std::max(best.uncertainty, next.uncertainty) / 2 <= std::min(best.uncertainty, next.uncertainty);
        best = next.uncertainty <= best.uncertainty ? next : best;
        if (agree && i >= least_samples) {
            break;
        }
    }
    return best;
}

constexpr bool plausible(std::uint64_t hz) {
    return hz >= lowest_plausible_hz && hz <= highest_plausible_hz;
}

/// What CPUID says, 0 where it does not. SDM vol. 3B, 18.7.3: the core crystal clock also drives the local
/// APIC's timer.
Frequencies stated_by_cpu() {
    if (cpuid(0x0).eax < 0x15) {
        return {};
    }
    const CpuidResult clock = cpuid(0x15);
    if (clock.eax == 0 || clock.ebx == 0 || clock.ecx == 0) {
        return {};
    }
    return {std::uint64_t{clock.ecx} * clock.ebx / clock.eax, clock.ecx, "CPUID"};
}

/// Leaf 0x40000010, VMware's convention that KVM and others follow: kHz of the TSC and of the APIC bus.
Frequencies stated_by_hypervisor() {
    if (!features().hypervisor || cpuid(0x4000'0000).eax < 0x4000'0010) {
        return {};
    }
    const CpuidResult clocks = cpuid(0x4000'0010);
    return {clocks.eax * 1000ULL, clocks.ebx * 1000ULL, "hypervisor"};
}

/// A run of the local APIC's timer against the TSC.
class TimerRun {
  public:
    static Result<TimerRun> start() {
        constexpr std::uint32_t divide_by_1 = 0xb;
        local_apic().write(LocalApicRegister::timer_divide, divide_by_1);
        local_apic().write(LocalApicRegister::timer_initial_count, UINT32_MAX);
        return TimerRun{TRY(sharpest(take))};
    }

    /// Counts per second since start(); stops the timer.
    Result<std::uint64_t> stop(std::uint64_t tsc_hz) const {
        const TimeSample last = TRY(sharpest(take));
        local_apic().write(LocalApicRegister::timer_initial_count, 0);
        const std::uint64_t counts = first_.reference - last.reference; // it counts down
        const std::uint64_t hz = counts * tsc_hz / (last.tsc - first_.tsc);
        return hz != 0 ? Result<std::uint64_t>{hz} : fail(Error::not_found);
    }

  private:
    explicit TimerRun(TimeSample first)
        : first_{first} {}

    /// Not inlined: every sample runs the same instructions.
    [[gnu::noinline]] static Result<TimeSample> take() {
        const std::uint64_t before = cycle_count();
        const std::uint32_t count = local_apic().read(LocalApicRegister::timer_current_count);
        const std::uint64_t width = cycle_count() - before;
        return TimeSample{before + width / 2, width, count};
    }

    TimeSample first_;
};

/// Passes one window on the TSC.
void wait_on_tsc(std::uint64_t tsc_hz) {
    const std::uint64_t start = cycle_count();
    while (cycle_count() - start < tsc_hz / windows_per_second) {
        machine::pause();
    }
}

std::uint32_t read_power_management_timer(std::uint16_t port) {
    return machine::in32(port) & power_management_timer_mask;
}

/// The next change of the timer's value: it happened after the reading before the last. Not inlined: see
/// TimerRun::take.
[[gnu::noinline]] Result<TimeSample> next_edge(std::uint16_t port) {
    constexpr unsigned most_reads = 10'000; // a port read takes far more than a thousandth of a count
    std::uint64_t before = cycle_count();
    const std::uint32_t old = read_power_management_timer(port);
    for (unsigned i = 0; i < most_reads; ++i) {
        const std::uint64_t middle = cycle_count();
        const std::uint32_t value = read_power_management_timer(port);
        if (value != old) {
            const std::uint64_t width = cycle_count() - before;
            return TimeSample{before + width / 2, width, value};
        }
        before = middle;
    }
    return fail(Error::not_found);
}

Result<std::uint64_t> measure_tsc(std::uint16_t port, std::string_view& source) {
    if (port != 0) {
        constexpr auto window = static_cast<std::uint32_t>(power_management_timer_hz / windows_per_second);
        source = "ACPI timer";
        if (auto hz = measure_tsc_by_power_management_timer(port, window)) {
            return hz;
        }
    }
    source = "8254 timer";
    return measure_tsc_by_interval_timer();
}

} // namespace

Result<TimeSample> sample_power_management_timer(std::uint16_t port) {
    return sharpest([port] { return next_edge(port); });
}

Result<std::uint64_t> measure_tsc_by_power_management_timer(std::uint16_t port, std::uint32_t window) {
    const TimeSample first = TRY(sample_power_management_timer(port));
    while (((read_power_management_timer(port) - first.reference) & power_management_timer_mask) < window) {
        machine::pause();
    }
    const TimeSample last = TRY(sample_power_management_timer(port));
    const std::uint32_t counts = (last.reference - first.reference) & power_management_timer_mask;
    const std::uint64_t hz = (last.tsc - first.tsc) * power_management_timer_hz / counts;
    if (!plausible(hz)) {
        return fail(Error::not_found);
    }
    return hz;
}

Result<std::uint64_t> measure_tsc_by_interval_timer() {
    using machine::in8;
    using machine::out8;
    // Intel 8254 data sheet, "Mode 0"; port 0x61 gates channel 2 (bit 0) and shows its output (bit 5).
    constexpr std::uint64_t input_hz = 1'193'182;
    constexpr std::uint16_t count = input_hz / 10'000; // 100 µs: the gate opens late by a port write or two
    constexpr std::uint16_t channel_2 = 0x42;
    constexpr std::uint16_t control = 0x43;
    constexpr std::uint16_t gate_port = 0x61;
    constexpr std::uint8_t gate = 0x01;
    constexpr std::uint8_t speaker = 0x02;
    constexpr std::uint8_t output = 0x20;
    constexpr unsigned most_reads = 100'000;

    out8(gate_port, static_cast<std::uint8_t>((in8(gate_port) & ~speaker) | gate));
    out8(control, 0xb0); // channel 2, both bytes, mode 0: the output rises at zero
    out8(channel_2, count & 0xff);
    out8(channel_2, count >> 8);
    const std::uint64_t start = cycle_count();
    for (unsigned i = 0; i < most_reads; ++i) {
        if ((in8(gate_port) & output) != 0) {
            const std::uint64_t hz = (cycle_count() - start) * input_hz / count;
            return plausible(hz) ? Result<std::uint64_t>{hz} : fail(Error::not_found);
        }
    }
    return fail(Error::not_found);
}

Result<Frequencies> calibrate(std::uint16_t port) {
    Frequencies result = stated_by_cpu();
    if (result.tsc == 0) {
        result = stated_by_hypervisor();
    }
    if (result.tsc != 0 && result.timer != 0) {
        return result;
    }
    const TimerRun run = TRY(TimerRun::start());
    if (result.tsc == 0) {
        result.tsc = TRY(measure_tsc(port, result.source));
    } else {
        wait_on_tsc(result.tsc);
    }
    result.timer = TRY(run.stop(result.tsc));
    return result;
}

} // namespace heddle::amd64
