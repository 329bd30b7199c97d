// SPDX-License-Identifier: BSD-2-Clause
// Which CPUs take part.
#pragma once

#include "lib/cpu_set.hpp"

namespace heddle::core::cpu {

/// The CPUs that service cross calls and count for grace periods. The boot CPU always; grows while
/// start_others() runs, and never shrinks. Ids may have gaps, where a CPU did not come up. Any context.
CpuSet online();

/// How many they are.
std::uint32_t online_count();

namespace detail {

/// By the CPU itself, away and with interrupts off, see secondary_main().
void add_online(CpuId cpu);

} // namespace detail
} // namespace heddle::core::cpu
