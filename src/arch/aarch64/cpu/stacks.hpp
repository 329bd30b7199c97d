// SPDX-License-Identifier: BSD-2-Clause
// Where CPUs' stacks are: the boot CPU's in the image, the others' in the arena.
#pragma once

#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "machine/cpu_data.hpp"

#include <array>
#include <optional>

namespace heddle::aarch64 {

/// Enters the stacks of boot/stacks.S into the boot CPU's data.
void take_boot_cpu_stacks(machine::CpuData& cpu);

/// Owns the stacks of one more CPU, of the same sizes as the boot CPU's: one range of the arena, in which the
/// page below each stack is left unmapped.
class CpuStacks {
  public:
    /// Error::out_of_memory. Thread context.
    static Result<CpuStacks> create();

    CpuStacks(CpuStacks&&) = default;
    CpuStacks& operator=(CpuStacks&&) = delete;
    ~CpuStacks();

    /// Enters them into the data of the CPU that is to run on them.
    void enter(machine::CpuData& cpu) const;

    /// Never gives them back: a CPU runs on them.
    void abandon() &&;

  private:
    explicit CpuStacks(core::memory::AddressRange range)
        : range_{std::move(range)} {}

    core::memory::AddressRange range_;
    std::array<std::optional<core::memory::FrameBlock>, 6> frames_;
};

} // namespace heddle::aarch64
