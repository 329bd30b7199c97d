// SPDX-License-Identifier: BSD-2-Clause
// The kernel's physical frames: the buddy allocator behind a cache of single frames on each CPU.
#pragma once

#include "core/memory/buddy.hpp"
#include "core/memory/cpu_cache.hpp"

#include <utility>

namespace heddle::core::memory {

/// All functions: any context; locks below Rank::frames may be held.
class Frames {
  public:
    constexpr Frames() = default;

    /// See Buddy::initialise. From here on the counter "frames" is listed.
    Result<void> initialise(const MemoryMap& map);

    /// A block of 2^order frames, naturally aligned, contents undefined, reached at
    /// to_virtual(frame.address()). Error::out_of_memory when there is none, also after
    /// reclaim() (reclaim.hpp); with interrupts off up to FrameCache::capacity frames may lie in each other
    /// CPU's cache then. Error::invalid_argument above max_order.
    Result<Frame> allocate(unsigned order = 0);

    /// Gives a block back with the order it was allocated with. Test images panic on a double or wrong-order
    /// free.
    void free(Frame frame, unsigned order = 0);

    /// The record of a frame inside an allocated block.
    FrameInfo& info(Frame frame) { return buddy_.info(frame); }

    /// Empties this CPU's cache into the buddy allocator.
    void drain_cache();

    std::uint64_t total() const { return buddy_.total_frames(); }

    /// Frames that nobody owns, those in CPU caches included. Exact while nobody allocates.
    std::uint64_t available() const;

    Buddy& buddy() { return buddy_; }

  private:
    // Apart from the fast paths, which then need no registers saved.
    [[gnu::noinline]] Result<Frame> allocate_block(unsigned order);
    [[gnu::noinline, gnu::cold]] std::uint32_t refill(FrameCache& cache);
    [[gnu::noinline, gnu::cold]] std::uint32_t drain_batch(FrameCache& cache);

    Buddy buddy_;
};

/// The kernel's one instance.
Frames& frames();

/// Owns a block of frames and gives it back.
class FrameBlock {
  public:
    static Result<FrameBlock> allocate(unsigned order) {
        return FrameBlock{TRY(frames().allocate(order)), order};
    }

    FrameBlock(FrameBlock&& other) noexcept
        : frame_{std::exchange(other.frame_, Frame{})}
        , order_{other.order_} {}

    FrameBlock& operator=(FrameBlock&& other) noexcept {
        std::swap(frame_, other.frame_);
        std::swap(order_, other.order_);
        return *this;
    }

    ~FrameBlock() {
        if (frame_ != Frame{}) {
            frames().free(frame_, order_);
        }
    }

    Frame frame() const { return frame_; }

    unsigned order() const { return order_; }

    std::size_t size() const { return block_size(order_); }

    /// Hands the block to the caller, who must give it back.
    Frame release() { return std::exchange(frame_, Frame{}); }

  private:
    FrameBlock(Frame frame, unsigned order)
        : frame_{frame}
        , order_{order} {}

    Frame frame_; ///< frame 0 is never given out: it stands for nothing
    unsigned order_;
};

} // namespace heddle::core::memory
