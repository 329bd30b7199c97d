// SPDX-License-Identifier: BSD-2-Clause
// Getting back what the allocators only keep at hand.
#pragma once

namespace heddle::core::memory {

/// Gives the buddy allocator back what nobody owns: slabs without objects, the objects in magazines, the
/// frames in caches. With interrupts on, which implies that the caller holds no spinlock, of all CPUs: those
/// that keep any do it in a cross call, the others are not disturbed. With interrupts off, of the calling
/// CPU. Locks below Rank::heap may be held.
void reclaim();

} // namespace heddle::core::memory
