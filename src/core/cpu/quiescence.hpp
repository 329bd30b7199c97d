// SPDX-License-Identifier: BSD-2-Clause
// Quiescent states: when has every CPU passed a point at which it held nothing old? One epoch serves grace
// periods (unlocked readers) and limbo (stale translations). PROTOCOLS.md B, 2 and 3.
#pragma once

#include "lib/units.hpp"

#include <cstdint>

namespace heddle::core::cpu {

struct CpuLocal;

/// A point in the order of retirements. Later ones are greater; 64 bits do not wrap.
struct Stamp : Quantity<Stamp, std::uint64_t> {
    using Quantity::Quantity;

    constexpr auto operator<=>(const Stamp&) const = default;
};

/// Begins a new epoch after something was made unreachable (unlinked; its translation cleared and published)
/// and returns its stamp: once passed(stamp) holds, no CPU has a reference or a translation from before.
/// Sends no interrupt. Any context.
Stamp retire();

/// The stamp of the latest retire(). Any context.
Stamp newest_stamp();

/// The calling CPU is at a quiescent point: it is in no read section (asserted) and uses nothing that was
/// retired. When the epoch has moved on, drops this CPU's translations and then announces, in that order. One
/// load and compare when it has not. Interrupts off.
void quiesce();

/// Whether quiesce() would do anything on `cpu`, the calling CPU: for those who may save the call. Interrupts
/// off.
bool must_quiesce(const CpuLocal& cpu);

/// The latest stamp that every online CPU has announced or is away from. Any context.
Stamp passed_until();

/// Whether every online CPU has announced `stamp` or is away. Any context.
inline bool passed(Stamp stamp) {
    return stamp <= passed_until();
}

/// This CPU is about to sleep, in no read section, and touches nothing that is ever retired until
/// come_back(). Interrupts off.
void go_away();

/// Ends go_away(), before anything else is touched, handlers and thread stacks included: full fence, then
/// quiesce(). Nothing to do (one test) when the CPU is not away. Returns whether it was. Interrupts off.
bool come_back();

/// The tick's part: quiesce() when the interrupted code is in no read section. References that a handler of
/// the same interrupt holds do not survive it. Interrupt context.
void tick();

} // namespace heddle::core::cpu
