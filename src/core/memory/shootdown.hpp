// SPDX-License-Identifier: BSD-2-Clause
// The immediate way to drop a translation everywhere, for those who cannot wait for limbo: unmapping, tightening permissions.
#pragma once

#include "lib/units.hpp"

namespace heddle::core::memory {

/// When it returns, no CPU translates any page of `size` bytes at `begin` by an entry that was there before. Entries must have been
/// changed and published. By cross calls on amd64, by broadcast invalidation on aarch64. Thread context, or interrupts off with no spinlock
/// held that a handler takes.
void shoot_down(VirtAddr begin, std::uint64_t size);

/// How many shootdowns there were; the limbo path must not add to it.
std::uint64_t shootdown_count();

} // namespace heddle::core::memory
