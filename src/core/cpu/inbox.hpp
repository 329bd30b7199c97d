// SPDX-License-Identifier: BSD-2-Clause
// Where a CPU finds the cross calls that are for it, and where it keeps the one that it waits for: plain data
// of CpuLocal, the way they are used is in cross_call.cpp.
#pragma once

#include <atomic>
#include <cstdint>

namespace heddle::core::cpu {

class CrossCall;

/// What others ask of this CPU. Written by any CPU, emptied by its own.
struct Inbox {
    /// Posted nodes, the latest first.
    std::atomic<CrossCall*> posted{nullptr};
    /// The CPUs whose Broadcast is for us too, as the bits of a CpuSet.
    std::atomic<std::uint64_t> callers{0};
};

/// The call() that this CPU waits for; one at a time, because the waiting CPU does nothing else but serve
/// calls.
struct Broadcast {
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    /// The CPUs that have not run it yet, as the bits of a CpuSet. Each clears its own.
    std::atomic<std::uint64_t> pending{0};
};

} // namespace heddle::core::cpu
