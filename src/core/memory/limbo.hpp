// SPDX-License-Identifier: BSD-2-Clause
// Limbo: frames taken out of a mapping wait until every CPU has dropped its translation, each at a quiescent
// point of its own; no interrupt is sent. PROTOCOLS.md B 1, 4 and 5.
#pragma once

#include "core/memory/counters.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/limbo_word.hpp"

namespace heddle::core::memory {

/// Puts `frame`, whose page-table entry the caller has just cleared and published, into limbo. The frame is
/// of order 0 from frames(), or was given back by reinstate_frame(). It cannot fail. Interrupts off; the
/// caller is the only one who retires or reinstates it.
void retire_frame(Frame frame, LimboOwner owner);

/// Takes `frame` back if it is still in limbo and was `owner`'s: true, and the caller maps the same frame at
/// the same address. From then on the frame may leave its owner through retire_frame() only, which test
/// images check where they can. False when the reaper had it first. Interrupts off.
bool reinstate_frame(Frame frame, LimboOwner owner);

/// Frees the frames that every CPU has let go of, at most `limit`; returns how many. None when another CPU is
/// at it. Any context in which Rank::limbo may be taken.
std::size_t reap_limbo(std::size_t limit = 64);

/// Whether every frame in limbo now could be freed, and there is one. Any context, also a CPU that is away.
bool limbo_ready();

/// Frames in limbo now; a figure.
std::uint64_t limbo_level();

/// The live counter `limbo frames`, for whoever lists it.
counters::Counter& limbo_counter();

} // namespace heddle::core::memory
