// SPDX-License-Identifier: BSD-2-Clause
// What each CPU keeps at hand of the memory allocators: frames and slab magazines. Plain data, a part of
// CpuLocal.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::core::memory {

/// Frames of order 0, last in, first out. Changed by its own CPU only, with interrupts off; `count` may be
/// read by any (relaxed: a figure for counters, nothing hangs on it).
struct FrameCache {
    static constexpr std::uint32_t capacity = 62;
    /// How many move between the cache and the buddy allocator at once: half, so that a caller who swings
    /// around either end does not take the lock each time.
    static constexpr std::uint32_t batch = capacity / 2;

    std::atomic<std::uint32_t> count{0};
    std::array<std::uint32_t, capacity> frames{}; ///< frame numbers
};

struct Magazine;

/// This CPU's magazine of each slab cache, by the cache's number; null until the cache is used here.
struct MagazineTable {
    /// Slab caches beyond these work without magazines.
    static constexpr std::uint32_t limit = 47;

    std::array<std::atomic<Magazine*>, limit + 1>
        loaded{}; ///< the last is always null: for caches without a number
};

} // namespace heddle::core::memory
