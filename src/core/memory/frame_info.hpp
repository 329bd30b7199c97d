// SPDX-License-Identifier: BSD-2-Clause
// What is known of each frame of RAM: one atomic word and two links, 16 bytes. Where these lie is the buddy
// allocator's.
#pragma once

#include "lib/bits.hpp"

#include <atomic>
#include <cstdint>

namespace heddle::core::memory {

enum class FrameState : std::uint8_t {
    unavailable, ///< not ours to give: a hole, or part of a block (the block's first frame tells)
    free,        ///< first frame of a block in the buddy allocator's lists
    allocated,   ///< first frame of a block that somebody owns
    cached,      ///< test images: in a CPU's FrameCache (release images leave it `allocated`)
    slab,        ///< each frame of a slab
};

/// The meaning of FrameInfo::word for the states above. Bits 16 and up belong to the block's owner; a frame's
/// owner may use the word as it likes, but must give the frame back with the word that allocate() left.
struct FrameWord {
    FrameState state = FrameState::unavailable;
    unsigned order = 0;

    constexpr bool operator==(const FrameWord&) const = default;

    constexpr std::uint64_t encode() const {
        return static_cast<std::uint64_t>(state) | (std::uint64_t{order} << 8);
    }

    static constexpr FrameWord decode(std::uint64_t word) {
        return {static_cast<FrameState>(bits(word, 7, 0)), static_cast<unsigned>(bits(word, 12, 8))};
    }
};

/// One frame's record. The links are the list's that the frame is in; an owner may use them while the frame
/// is its own.
struct FrameInfo {
    std::atomic<std::uint64_t> word;
    std::uint32_t next;     ///< frame number, 0: none (frame 0 is never given out)
    std::uint32_t previous; ///< likewise

    // Relaxed: the word of a frame changes under the buddy's lock, or by its only owner.
    FrameWord get() const { return FrameWord::decode(word.load(std::memory_order_relaxed)); }

    void set(FrameWord value) { word.store(value.encode(), std::memory_order_relaxed); }
};

static_assert(sizeof(FrameInfo) == 16);

} // namespace heddle::core::memory
