// SPDX-License-Identifier: BSD-2-Clause
// The exceptions by their manual's names (SDM vol. 3A, table 6-1).
#pragma once

#include <cstdint>
#include <string_view>

namespace heddle::amd64 {

/// Vectors below this are exceptions, the others interrupts.
inline constexpr unsigned exception_count = 32;

enum class Exception : std::uint8_t {
    divide_error = 0,
    debug = 1,
    non_maskable_interrupt = 2,
    breakpoint = 3,
    overflow = 4,
    bound_range_exceeded = 5,
    invalid_opcode = 6,
    device_not_available = 7,
    double_fault = 8,
    coprocessor_segment_overrun = 9,
    invalid_tss = 10,
    segment_not_present = 11,
    stack_fault = 12,
    general_protection = 13,
    page_fault = 14,
    floating_point_error = 16,
    alignment_check = 17,
    machine_check = 18,
    simd_floating_point = 19,
    virtualization = 20,
    control_protection = 21,
    hypervisor_injection = 28,
    vmm_communication = 29,
    security = 30,
};

/// For messages: "page fault (#PF)"; "reserved exception" for vectors that are none.
std::string_view to_string(Exception exception);

/// Bits of a page fault's error code (SDM vol. 3A, figure 4-12).
struct PageFaultError {
    static constexpr std::uint64_t protection = 1U << 0; ///< clear: no page there
    static constexpr std::uint64_t write = 1U << 1;
    static constexpr std::uint64_t user = 1U << 2;
    static constexpr std::uint64_t reserved_bit = 1U << 3;
    static constexpr std::uint64_t instruction_fetch = 1U << 4;
};

} // namespace heddle::amd64
