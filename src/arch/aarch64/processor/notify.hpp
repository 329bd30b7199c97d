// SPDX-License-Identifier: BSD-2-Clause
// Interrupts between CPUs: the software-generated ones (SGIs) that the kernel keeps for itself.
#pragma once

#include <cstdint>

namespace heddle::aarch64 {

/// INTIDs. Each CPU has its own of each, and an interrupt controller opens them when it readies a CPU.
enum class Sgi : std::uint8_t { cross_call = 0, reschedule = 1, stop = 2 };

inline constexpr std::uint32_t sgi_count = 3;

/// What an interrupt controller does with an interrupt below sgi_count that it took, instead of dispatching
/// it; does not return when the CPU is to stop. In interrupt context.
void handle_sgi(Sgi sgi);

} // namespace heddle::aarch64
