// SPDX-License-Identifier: BSD-2-Clause
// Quiescent states: when has every CPU passed a point at which it held nothing old? One epoch serves grace periods (unlocked
// readers) and limbo (stale translations). Protocol B of docs/models: Quiesce and Idle.
#pragma once

#include "lib/cpu_set.hpp"

#include <cstdint>

namespace heddle::core::cpu {

/// A point in the order of retirements. Later ones are greater; 64 bits do not wrap.
struct Stamp : Quantity<Stamp, std::uint64_t> {
    using Quantity::Quantity;

    constexpr auto operator<=>(const Stamp&) const = default;
};

/// Begins a new epoch after something was made unreachable (unlinked, its translation cleared) and returns its stamp: once
/// passed(stamp) holds, no CPU has a reference or a translation from before. Never sends an interrupt. Any context.
Stamp retire();

/// The calling CPU is at a quiescent point: it is in no read section and uses nothing that was retired. When the epoch has moved on, drops this
/// CPU's translations and then announces, in that order. One load and compare when nothing is pending. Interrupts off.
void quiesce();

/// Whether every online CPU has announced `stamp` or is away. Any context.
bool passed(Stamp stamp);

/// This CPU is about to sleep and touches nothing until come_back(). Interrupts off.
void go_away();

/// Before anything else is touched, handlers and thread stacks included: full fence, then quiesce(). Interrupts off. Nothing
/// to do (one test) when the CPU is not away; interrupt entry calls it first.
void come_back();

/// Called by each CPU's tick (only CPUs that do not idle have one): quiesce() when the interrupted code is at a point that
/// allows it. Interrupt context.
void tick();

} // namespace heddle::core::cpu
