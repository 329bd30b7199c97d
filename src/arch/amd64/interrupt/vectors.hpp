// SPDX-License-Identifier: BSD-2-Clause
// Who has which interrupt vector. A higher vector has the higher priority class (SDM vol. 3A, 11.8.3).
#pragma once

#include <cstdint>

namespace heddle::amd64 {

/// The 8259s are moved here and masked; what they still raise (a spurious IRQ 7 or 15) is ignored.
inline constexpr std::uint8_t legacy_vectors = 32;
inline constexpr unsigned legacy_vector_count = 16;

/// Device interrupts, given out one by one.
inline constexpr std::uint8_t first_device_vector = 48;
inline constexpr std::uint8_t last_device_vector = 239;

inline constexpr std::uint8_t timer_vector = 240;
/// Between CPUs.
inline constexpr std::uint8_t clock_question_vector = 248;
inline constexpr std::uint8_t reschedule_vector = 249;
inline constexpr std::uint8_t cross_call_vector = 250;

inline constexpr std::uint8_t apic_error_vector = 254;
inline constexpr std::uint8_t spurious_vector = 255;

} // namespace heddle::amd64
