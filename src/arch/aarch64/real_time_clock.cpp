// SPDX-License-Identifier: BSD-2-Clause
// The PL031 clock (ARM DDI 0224), which counts the seconds since 1970 in one register; or what EFI's clock
// showed at boot.
#include "boot/handoff.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/arena.hpp"
#include "core/time/civil_time.hpp"

namespace heddle::machine {
namespace {

/// Firmware's time is wrong when it is not after this; it has no other way to say so.
constexpr std::uint16_t first_credible_year = 1998;

Result<std::uint64_t> to_seconds(const aarch64::efi::Time& time) {
    const bool plausible = time.year >= first_credible_year && time.month >= 1 && time.month <= 12 &&
                           time.day >= 1 && time.day <= 31 && time.hour <= 23 && time.minute <= 59 &&
                           time.second <= 59;
    if (!plausible) {
        return fail(Error::not_found);
    }
    const std::uint64_t local = core::time::to_seconds({.year = time.year,
                                                        .month = time.month,
                                                        .day = time.day,
                                                        .hour = time.hour,
                                                        .minute = time.minute,
                                                        .second = time.second});
    const bool utc = time.time_zone == aarch64::efi::unspecified_time_zone;
    return local + static_cast<std::uint64_t>(utc ? 0 : std::int64_t{time.time_zone} * 60);
}

} // namespace

Result<std::uint64_t> read_real_time_clock(const core::boot::BootInfo& boot_info) {
    if (boot_info.real_time_clock == PhysAddr{}) {
        return to_seconds(heddle_handoff.wall_clock);
    }
    const auto registers = TRY(core::memory::map_device(boot_info.real_time_clock, page_size));
    constexpr std::size_t data_register = 0; // RTCDR
    return registers.as<const volatile std::uint32_t>()[data_register];
}

} // namespace heddle::machine
