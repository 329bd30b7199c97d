// SPDX-License-Identifier: BSD-2-Clause
// One I/O APIC: Intel 82093AA data sheet, section 3.
#pragma once

#include "core/interrupt/controller.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

#include <cstdint>

namespace heddle::amd64 {

/// Serves the global interrupts from `first` on, one redirection entry each. Its owner's lock covers it: two
/// accesses make one.
class IoApic {
  public:
    /// Maps the registers at `base` and masks every line; `first` is the global interrupt of line 0.
    Result<void> start(PhysAddr base, std::uint32_t first);

    bool serves(core::interrupt::InterruptId interrupt) const {
        return interrupt.value >= first_ && interrupt.value - first_ < lines_;
    }

    /// Lets `interrupt` (served here) through to the CPU with APIC id `target`, as `vector`.
    void unmask(core::interrupt::InterruptId interrupt, std::uint8_t vector, core::interrupt::Trigger trigger,
                core::interrupt::Polarity polarity, std::uint32_t target);

    void mask(core::interrupt::InterruptId interrupt);

  private:
    std::uint32_t read(std::uint32_t reg);
    void write(std::uint32_t reg, std::uint32_t value);

    volatile std::uint32_t* registers_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t lines_ = 0;
};

} // namespace heddle::amd64
