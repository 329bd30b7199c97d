// SPDX-License-Identifier: BSD-2-Clause
// What distributors, of either version, and redistributors have in common: resetting and configuring
// interrupts.
#pragma once

#include "core/interrupt/controller.hpp"
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

/// A GICv3 delivers group 1 to a kernel, a GICv2 without a secure side group 0; with one, the kernel does not
/// see the groups.
enum class Group : std::uint32_t { zero = 0, one = ~0U };

/// Shuts interrupts `begin` … `end` - 1 of `frame`, multiples of 32: disabled, neither pending nor active,
/// all of `group` and of one priority, so that none interrupts another's handler.
inline void shut_all(VirtAddr frame, std::uint32_t begin, std::uint32_t end, Group group) {
    constexpr std::uint32_t all = ~0U;
    constexpr std::uint32_t four_priorities = 0xa0a0'a0a0;
    for (std::uint32_t i = begin / 32; i < (end + 31) / 32; ++i) {
        write32(frame, Array::clear_enable, i, all);
        write32(frame, Array::clear_pending, i, all);
        write32(frame, Array::clear_active, i, all);
        write32(frame, Array::group, i, static_cast<std::uint32_t>(group));
    }
    for (std::uint32_t i = begin / 4; i < (end + 3) / 4; ++i) {
        write32(frame, Array::priority, i, four_priorities);
    }
}

/// In the arrays of one bit.
constexpr std::uint32_t bit_of(std::uint32_t interrupt) {
    return 1U << (interrupt % 32);
}

/// Two bits for each interrupt, of which the upper one says "edge".
inline void configure(VirtAddr frame, std::uint32_t interrupt, core::interrupt::Trigger trigger) {
    const std::uint32_t edge = 2U << (interrupt % 16 * 2);
    const std::uint32_t index = interrupt / 16;
    const std::uint32_t others = gic::read32(frame, gic::Array::configuration, index) & ~edge;
    gic::write32(frame, gic::Array::configuration, index,
                 others | (trigger == core::interrupt::Trigger::edge ? edge : 0));
}

} // namespace heddle::aarch64::gic
