// SPDX-License-Identifier: BSD-2-Clause
// The contract of an interrupt controller (LAPIC + IOAPIC, GICv3, later GICv2), found at boot, hence an
// abstract class.
#pragma once

#include "lib/result.hpp"
#include "lib/units.hpp"

#include <cstdint>
#include <string_view>

namespace heddle::core::interrupt {

/// A global interrupt as firmware numbers it: GSI on amd64, INTID on aarch64.
struct InterruptId : Quantity<InterruptId, std::uint32_t> {
    using Quantity::Quantity;
    static constexpr std::uint32_t limit = 1020;

    constexpr auto operator<=>(const InterruptId&) const = default;
};

enum class Trigger : std::uint8_t { edge, level };
enum class Polarity : std::uint8_t { high, low };

/// Routes device interrupts to CPUs. Thread context unless said.
class Controller {
  public:
    static constexpr std::string_view interface_name = "interrupt-controller";

    virtual std::string_view name() const = 0;
    /// Lets `interrupt` through, to CPU `target`. Error::out_of_range when no such line exists; out_of_memory
    /// when vectors ran out.
    virtual Result<void> enable(InterruptId interrupt, Trigger trigger, Polarity polarity, CpuId target) = 0;
    virtual void disable(InterruptId interrupt) = 0;
    /// Raises `interrupt` on the calling CPU as if its device had: for tests of the path.
    /// Error::not_supported where hardware cannot.
    virtual Result<void> raise(InterruptId interrupt) = 0;

  protected:
    ~Controller() = default;
};

} // namespace heddle::core::interrupt
