// SPDX-License-Identifier: BSD-2-Clause
// The TSC as a clock: forward, fine, and as fast as the machine's other timers say.
#include "core/interrupt/interrupts.hpp"
#include "machine/cpu.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "time/calibration.hpp"
#include "time/scale.hpp"

namespace heddle::test {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

TEST_CASE("the clock never goes backward and moves on") {
    const Nanoseconds start = env().now();
    Nanoseconds last = start;
    for (unsigned i = 0; i < 10'000; ++i) {
        const Nanoseconds next = env().now();
        REQUIRE(next >= last);
        last = next;
    }
    CHECK(last > start);
}

TEST_CASE("a scale converts without overflow over centuries and without visible rounding") {
    constexpr amd64::Scale to_nanoseconds{second, 2'300'000'000};
    constexpr std::uint64_t century = 100ULL * 365 * 86'400;
    CHECK(to_nanoseconds(0) == 0);
    CHECK(to_nanoseconds(2300) == 999); // rounds down
    const std::uint64_t converted = to_nanoseconds(century * 2'300'000'000ULL);
    const std::uint64_t exact = century * second;
    CHECK(converted <= exact);
    CHECK(exact - converted < exact / 1'000'000'000);
}

/// Relative, because the host may stop the machine for a moment during either measurement.
bool within_a_quarter(std::uint64_t a, std::uint64_t b) {
    return a > b - b / 4 && a < b + b / 4;
}

/// The best of a few attempts: one is enough to prove that the two timers agree.
template <class Measure>
bool agrees(std::uint64_t hz, Measure measure) {
    for (unsigned attempt = 0; attempt < 20; ++attempt) {
        const auto state = machine::save_and_disable_interrupts();
        const auto measured = measure();
        machine::restore_interrupts(state);
        if (measured && within_a_quarter(*measured, hz)) {
            return true;
        }
    }
    return false;
}

TEST_CASE("the power-management timer and the 8254 measure the same TSC") {
    const std::uint16_t port = env().boot_info().timer.power_management_timer;
    REQUIRE(port != 0);
    const auto by_acpi = amd64::measure_tsc_by_power_management_timer(port, 3'579);
    REQUIRE(by_acpi.has_value());
    CHECK(agrees(*by_acpi, amd64::measure_tsc_by_interval_timer));
}

TEST_CASE("a millisecond by the power-management timer is a millisecond by the clock") {
    const std::uint16_t port = env().boot_info().timer.power_management_timer;
    REQUIRE(port != 0);
    bool agreed = false;
    for (unsigned attempt = 0; attempt < 20 && !agreed; ++attempt) {
        const auto state = machine::save_and_disable_interrupts();
        const Nanoseconds start = env().now();
        const auto first = amd64::sample_power_management_timer(port);
        const auto hz = amd64::measure_tsc_by_power_management_timer(port, 3'579);
        const auto last = amd64::sample_power_management_timer(port);
        const Nanoseconds end = env().now();
        machine::restore_interrupts(state);
        REQUIRE((first && hz && last));
        const std::uint64_t counts =
            (last->reference - first->reference) & amd64::power_management_timer_mask;
        agreed = within_a_quarter((end - start).value, counts * second / amd64::power_management_timer_hz);
    }
    CHECK(agreed);
}

TEST_CASE("a port without a timer is an error, not an endless loop") {
    constexpr std::uint16_t nobody = 0x80;
    CHECK(amd64::sample_power_management_timer(nobody).error() == Error::not_found);
}

} // namespace
} // namespace heddle::test
