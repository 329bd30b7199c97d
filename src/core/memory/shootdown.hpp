// SPDX-License-Identifier: BSD-2-Clause
// The immediate way to drop a translation everywhere, for those who cannot wait for limbo: unmapping,
// tightening permissions.
#pragma once

#include "lib/units.hpp"

namespace heddle::core::memory {

/// When it returns, no CPU translates any page of `size` bytes at `begin` by an entry, or through a table,
/// that was there before. Entries must have been changed. Where the machine has no broadcast invalidation the
/// others are interrupted and waited for: thread context, no spinlock held (asserted), interrupts on or off.
void shoot_down(VirtAddr begin, std::uint64_t size);

/// How many shootdowns there were; the limbo path must not add to it.
std::uint64_t shootdown_count();

} // namespace heddle::core::memory
