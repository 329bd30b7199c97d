// SPDX-License-Identifier: BSD-2-Clause
// Registers of the GICv3 (Arm IHI 0069H, chapter 12): in memory for distributor and redistributors, in the
// CPU for its interface.
#pragma once

#include "cpu/registers.hpp"
#include "lib/units.hpp"

#include <cstdint>

namespace heddle::aarch64::gic {

/// Byte offsets that the distributor and a redistributor's second frame share: arrays with a bit, two bits or
/// a byte for each interrupt.
enum class Array : std::uint16_t {
    group = 0x080,
    set_enable = 0x100,
    clear_enable = 0x180,
    set_pending = 0x200,
    clear_pending = 0x280,
    clear_active = 0x380,
    priority = 0x400,
    configuration = 0xc00,
};

/// 12.9.
enum class Distributor : std::uint16_t {
    control = 0x0000,
    type = 0x0004,
    router = 0x6000, ///< 64 bits for each interrupt
};

/// Bits of the distributor's control register that mean the same whether there is a secure side or not.
constexpr std::uint32_t control_enable_group1 = 1U << 1;
constexpr std::uint32_t control_affinity_routing = 1U << 4;
constexpr std::uint32_t control_write_pending = 1U << 31;

/// 12.11. The second frame, with the arrays, is behind the first.
enum class Redistributor : std::uint16_t {
    control = 0x0000,
    type = 0x0008, ///< 64 bits
    waker = 0x0014,
};

constexpr std::uint32_t redistributor_write_pending = 1U << 3;
constexpr std::uint32_t waker_processor_sleep = 1U << 1;
constexpr std::uint32_t waker_children_asleep = 1U << 2;
constexpr std::uint64_t type_virtual_lpis = 1U << 1; ///< two more frames behind the two
constexpr std::uint64_t type_last = 1U << 4;         ///< none behind this one in its region

constexpr std::size_t frame_size = 64_KiB;

/// The first interrupt that the distributor has; those below are each CPU's own.
constexpr std::uint32_t first_shared_interrupt = 32;
constexpr std::uint32_t first_private_device_interrupt = 16;

/// INTIDs from here on are none: "nothing pending", or meant for other security states.
constexpr std::uint32_t first_special_interrupt = 1020;

template <class Offset>
std::uint32_t read32(VirtAddr frame, Offset offset, std::uint32_t index = 0) {
    return (frame + static_cast<std::uint64_t>(offset)).template as<volatile std::uint32_t>()[index];
}

template <class Offset>
void write32(VirtAddr frame, Offset offset, std::uint32_t index, std::uint32_t value) {
    (frame + static_cast<std::uint64_t>(offset)).template as<volatile std::uint32_t>()[index] = value;
}

template <class Offset>
std::uint64_t read64(VirtAddr frame, Offset offset) {
    return *(frame + static_cast<std::uint64_t>(offset)).template as<volatile std::uint64_t>();
}

template <class Offset>
void write64(VirtAddr frame, Offset offset, std::uint32_t index, std::uint64_t value) {
    (frame + static_cast<std::uint64_t>(offset)).template as<volatile std::uint64_t>()[index] = value;
}

/// ICC_IAR1_EL1: takes the most urgent pending interrupt.
inline std::uint32_t acknowledge() {
    const auto interrupt = static_cast<std::uint32_t>(READ_SYSTEM_REGISTER(S3_0_C12_C12_0) & 0xff'ffff);
    data_barrier(); // the acknowledgement is complete before the device is touched
    return interrupt;
}

/// ICC_SGI1R_EL1: raises a software-generated interrupt on other CPUs.
inline void generate(std::uint64_t request) {
    WRITE_SYSTEM_REGISTER(S3_0_C12_C11_5, request);
}

/// ICC_EOIR1_EL1. In effect by the exception return that ends the handler.
inline void end_of_interrupt(std::uint32_t interrupt) {
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_1, interrupt);
}

} // namespace heddle::aarch64::gic
