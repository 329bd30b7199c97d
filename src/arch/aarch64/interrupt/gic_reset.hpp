// SPDX-License-Identifier: BSD-2-Clause
// What resetting the distributor and a redistributor have in common.
#pragma once

#include "interrupt/gic_registers.hpp"
#include "lib/result.hpp"
#include "machine/cpu.hpp"

namespace heddle::aarch64::gic {

/// Reads the register until `bits` are clear; Error::timed_out when they stay.
template <class Offset>
Result<void> wait_until_clear(VirtAddr frame, Offset offset, std::uint32_t bits) {
    constexpr unsigned patience = 1'000'000; // of reads of a device, some 100 ns each
    for (unsigned i = 0; i < patience; ++i) {
        if ((read32(frame, offset) & bits) == 0) {
            return {};
        }
        machine::pause();
    }
    return fail(Error::timed_out);
}

/// Shuts interrupts `begin` … `end` - 1 of `frame`, multiples of 32: disabled, neither pending nor active,
/// not secure, all of one priority, so that none interrupts another's handler.
inline void shut_all(VirtAddr frame, std::uint32_t begin, std::uint32_t end) {
    constexpr std::uint32_t all = ~0U;
    constexpr std::uint32_t four_priorities = 0xa0a0'a0a0;
    for (std::uint32_t i = begin / 32; i < (end + 31) / 32; ++i) {
        write32(frame, Array::clear_enable, i, all);
        write32(frame, Array::clear_pending, i, all);
        write32(frame, Array::clear_active, i, all);
        write32(frame, Array::group, i, all);
    }
    for (std::uint32_t i = begin / 4; i < (end + 3) / 4; ++i) {
        write32(frame, Array::priority, i, four_priorities);
    }
}

} // namespace heddle::aarch64::gic
