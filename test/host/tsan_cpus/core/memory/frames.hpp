// SPDX-License-Identifier: BSD-2-Clause
// Stands for the kernel's frames in front of limbo.cpp: a handful, and whoever gives one back has it checked.
#pragma once

#include "core/memory/frame_info.hpp"
#include "lib/units.hpp"

#include <array>

namespace heddle::core::memory {

class Frames {
  public:
    static constexpr std::uint32_t count = 8; ///< frame 0 is none

    FrameInfo& info(Frame frame) { return records_[frame.value]; }

    /// By the reaper: to the test that is running.
    void free(Frame frame);

  private:
    std::array<FrameInfo, count> records_{};
};

Frames& frames();

} // namespace heddle::core::memory
