// SPDX-License-Identifier: BSD-2-Clause
// The PL031 clock (ARM DDI 0224), which counts the seconds since 1970 in one register.
#include "core/machine/machine.hpp"
#include "core/memory/arena.hpp"

namespace heddle::machine {

Result<std::uint64_t> read_real_time_clock(const core::boot::BootInfo& boot_info) {
    if (boot_info.real_time_clock == PhysAddr{}) {
        return fail(Error::not_found);
    }
    const auto registers = TRY(core::memory::map_device(boot_info.real_time_clock, page_size));
    constexpr std::size_t data_register = 0; // RTCDR
    return registers.as<const volatile std::uint32_t>()[data_register];
}

} // namespace heddle::machine
