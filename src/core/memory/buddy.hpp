// SPDX-License-Identifier: BSD-2-Clause
// The buddy allocator over all usable RAM (Knowlton 1965): blocks of 4 KiB to 1 GiB, naturally aligned. Knows
// no CPU caches.
#pragma once

#include "core/memory/frame_info.hpp"
#include "core/memory/memory_map.hpp"
#include "core/sync/spinlock.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

#include <array>
#include <bit>
#include <span>

namespace heddle::core::memory {

/// Orders: a block of order n is 2^n frames. The largest is 1 GiB.
inline constexpr unsigned max_order = 18;

/// Bytes in a block of `order`.
constexpr std::size_t block_size(unsigned order) {
    return page_size << order;
}

/// The smallest order whose blocks hold `bytes`; above max_order when none does.
constexpr unsigned order_for(std::size_t bytes) {
    return bytes <= page_size ? 0U : static_cast<unsigned>(std::bit_width((bytes - 1) >> page_shift));
}

/// An instance owns the usable RAM of one memory map; the kernel has one, tests make others. Frame records
/// lie in that RAM, one array per GiB that holds any (so holes cost nothing), all reached through the direct
/// map. Records are written when their block is first split off, so that initialising costs the same for 64
/// MiB and 16 GiB.
///
/// All functions but initialise(): any context.
class Buddy {
  public:
    constexpr Buddy() = default;
    Buddy(const Buddy&) = delete;
    Buddy& operator=(const Buddy&) = delete;

    /// Takes over every usable frame of `map`, once. Frames whose records would not fit anywhere are left
    /// out, the highest first; Error::out_of_memory when nothing remains. All usable RAM must be in the
    /// direct map.
    Result<void> initialise(const MemoryMap& map);

    /// A block of 2^order frames, aligned to its size, contents undefined; Error::out_of_memory, or
    /// Error::invalid_argument above max_order. Fails only if no such block is free.
    Result<Frame> allocate(unsigned order) EXCLUDES(lock_);

    /// Gives a block back as it was allocated. Test images panic on a frame that is not the first of an
    /// allocated block of that order (double free, wrong order, foreign frame).
    void free(Frame frame, unsigned order) EXCLUDES(lock_);

    /// Takes up to `frames.size()` blocks of order 0 in one hold of the lock; how many.
    std::size_t allocate_batch(std::span<std::uint32_t> frames) EXCLUDES(lock_);
    /// Gives blocks of order 0 back in one hold of the lock.
    void free_batch(std::span<const std::uint32_t> frames) EXCLUDES(lock_);

    /// The record of `frame`, which must be one that allocate() gave out, or lie in such a block.
    FrameInfo& info(Frame frame) { return section(frame.value).records[frame.value]; }

    /// Panics, saying why, unless `frame` is the first of an allocated block of `order`. Test images call it
    /// in free().
    void check_allocated(Frame frame, unsigned order);

    /// Whether `frame` has a record: whether it lies between the lowest and the highest usable frame of its
    /// GiB.
    bool has_info(Frame frame) const;

    /// Frames under this allocator's care, and those of them in its lists now.
    std::uint64_t total_frames() const { return total_frames_; }

    std::uint64_t free_frames() const { return free_frames_.load(std::memory_order_relaxed); }

    /// Free blocks of exactly `order`. Walks the list: for tests.
    std::size_t free_blocks(unsigned order) EXCLUDES(lock_);

  private:
    static constexpr unsigned section_order = max_order;
    static constexpr std::size_t section_count = MemoryMap::limit.value >> (page_shift + section_order);

    /// The frames of one GiB that have records. `records` is biased: it is indexed by frame number.
    struct Section {
        FrameInfo* records = nullptr;
        std::uint32_t first = 0;
        std::uint32_t count = 0; ///< 0: no RAM here
    };

    Section& section(std::uint64_t frame) { return sections_[frame >> section_order]; }

    std::span<Section> sections() { return {sections_.data(), sections_end_}; }

    bool has_record(std::uint64_t frame) const;

    FrameInfo& record(std::uint64_t frame) { return section(frame).records[frame]; }

    void measure(const MemoryMap& map);
    Result<PhysRange> place_records(const MemoryMap& map);
    void mark_surroundings(std::uint64_t frame, unsigned order);

    Result<std::uint32_t> take(unsigned order) REQUIRES(lock_);
    void give(std::uint32_t frame, unsigned order) REQUIRES(lock_);
    void push(std::uint32_t frame, unsigned order) REQUIRES(lock_);
    void remove(std::uint32_t frame, unsigned order) REQUIRES(lock_);
    void mark_interior(std::uint32_t frame, unsigned order) REQUIRES(lock_);

    sync::Spinlock lock_{sync::Rank::frames};
    using Lists = std::array<std::uint32_t, max_order + 1>;
    Lists lists_ GUARDED_BY(lock_){};              ///< first free block of each order, 0: none
    std::uint32_t nonempty_ GUARDED_BY(lock_) = 0; ///< bit n: lists_[n] is not empty
    std::atomic<std::uint64_t> free_frames_{0};    ///< written under lock_; read relaxed, as a figure
    std::uint64_t total_frames_ = 0;
    std::size_t sections_end_ = 0; ///< no RAM of ours from this GiB on
    std::array<Section, section_count> sections_{};
};

} // namespace heddle::core::memory
