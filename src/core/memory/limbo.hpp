// SPDX-License-Identifier: BSD-2-Clause
// Limbo: frames taken out of a mapping wait until every CPU has dropped its translation, each at a quiescent point of its
// own; no interrupt is sent. Protocol B of docs/models: Retire, Reaper, Reinstate.
#pragma once

#include "core/cpu/quiescence.hpp"
#include "core/memory/frames.hpp"

#include <optional>

namespace heddle::core::memory {

/// Who had the frame: what reinstate() compares, so that a frame never comes back to another place.
struct LimboOwner {
    std::uint32_t owner = 0; ///< such as a stack's number; below 2^22
    std::uint32_t unit = 0;  ///< such as which page of it; below 8
};

/// Puts `frame`, whose page-table entry the caller has just cleared, into limbo. It cannot fail. Any context, interrupts off.
void retire_frame(Frame frame, LimboOwner owner);

/// Takes `frame` back if it is still in limbo and was `owner`'s: true, and the caller maps the same frame at the same address. False when
/// the reaper had it first. Any context, interrupts off.
bool reinstate_frame(Frame frame, LimboOwner owner);

/// Frees the frames that every CPU has let go of, at most `limit`; returns how many. Any context that may free frames.
std::size_t reap_limbo(std::size_t limit = 64);

/// Frames in limbo now; a figure.
std::uint64_t limbo_level();

} // namespace heddle::core::memory
