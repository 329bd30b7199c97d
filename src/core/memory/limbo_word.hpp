// SPDX-License-Identifier: BSD-2-Clause
// The word of a frame in limbo: state, owner, unit and stamp in 64 bits, changed only as a whole.
#pragma once

#include "core/cpu/quiescence.hpp"
#include "core/memory/frame_info.hpp"

namespace heddle::core::memory {

/// Who had the frame: what reinstate_frame() compares, so that a frame never comes back to another place.
struct LimboOwner {
    std::uint32_t owner = 0; ///< such as a stack's number; below 2^22
    std::uint32_t unit = 0;  ///< such as which page of it; below 8

    constexpr bool operator==(const LimboOwner&) const = default;
};

/// Bits 7…0 the state, 10…8 the unit, 32…11 the owner, 63…33 the stamp's low 31 bits.
///
/// That the stamp is cut does no harm. What is read back is the latest stamp with these bits that exists,
/// which is the true one or a later one: a frame that stays 2^31 retirements long waits for another grace
/// period, it is never freed early. And the reaper's compare-and-swap mistakes a new retirement for the one
/// it has looked at only if 2^31 of them happen between its load and its swap, some ten instructions with
/// interrupts off.
struct LimboWord {
    static constexpr unsigned stamp_bits = 31;
    static constexpr std::uint32_t owner_limit = 1U << 22;
    static constexpr std::uint32_t unit_limit = 1U << 3;

    static constexpr std::uint64_t encode(LimboOwner owner, cpu::Stamp stamp) {
        return static_cast<std::uint64_t>(FrameState::limbo) | std::uint64_t{owner.unit} << 8 |
               std::uint64_t{owner.owner} << 11 | stamp.value << (64 - stamp_bits);
    }

    static constexpr FrameState state(std::uint64_t word) { return FrameWord::decode(word).state; }

    static constexpr LimboOwner owner(std::uint64_t word) {
        return {static_cast<std::uint32_t>(bits(word, 32, 11)),
                static_cast<std::uint32_t>(bits(word, 10, 8))};
    }

    /// The latest stamp up to `newest` that `word` can mean.
    static constexpr cpu::Stamp stamp(std::uint64_t word, cpu::Stamp newest) {
        constexpr std::uint64_t mask = (std::uint64_t{1} << stamp_bits) - 1;
        const std::uint64_t age = (newest.value - (word >> (64 - stamp_bits))) & mask;
        return cpu::Stamp{newest.value - age};
    }
};

} // namespace heddle::core::memory
