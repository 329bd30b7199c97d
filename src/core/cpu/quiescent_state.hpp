// SPDX-License-Identifier: BSD-2-Clause
// A CPU's part in the epochs of quiescence.hpp: plain data of CpuLocal.
#pragma once

#include <atomic>
#include <cstdint>

namespace heddle::core::cpu {

/// Written by its own CPU, read by whoever waits for one. A CPU that has not started yet is away.
struct QuiescentState {
    /// The epoch of the last quiescent point: nothing older is held or translated here.
    std::atomic<std::uint64_t> announced{0};
    /// Asleep: holds nothing, and touches nothing before it has caught up.
    std::atomic<bool> away{false};
};

} // namespace heddle::core::cpu
