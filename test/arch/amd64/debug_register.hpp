// SPDX-License-Identifier: BSD-2-Clause
// A hardware breakpoint of the calling CPU (SDM vol. 3B, 17.2).
#pragma once

#include "cpu/registers.hpp"

#include <cstdint>

namespace heddle::test {

/// DR0, armed for a block.
class DebugRegister {
  public:
    enum class When : std::uint8_t { executed = 0, written = 1, touched = 3 };

    /// On data: `size` bytes, a power of two up to 8, at a multiple of that.
    explicit DebugRegister(std::uint64_t address, When when = When::executed, unsigned size = 1) {
        const std::uint64_t length = size == 8 ? 2 : size - 1;
        asm volatile("movq %0, %%dr0" : : "r"(address));
        asm volatile("movq %0, %%dr7"
                     :
                     : "r"(enabled | static_cast<std::uint64_t>(when) << 16 | length << 18));
    }

    ~DebugRegister() {
        asm volatile("movq %0, %%dr7" : : "r"(none));
        amd64::clear_dr6();
    }

    DebugRegister(const DebugRegister&) = delete;
    DebugRegister& operator=(const DebugRegister&) = delete;

  private:
    static constexpr std::uint64_t none = 0x400; // a bit that is always set
    static constexpr std::uint64_t enabled = none | 2;
};

} // namespace heddle::test
