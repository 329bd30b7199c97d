// SPDX-License-Identifier: BSD-2-Clause
// The ways to a UART's registers. A driver is a template over one of these; tests give it a register file of
// their own.
#pragma once

#include "core/machine/ports.hpp"
#include "lib/units.hpp"

#include <cstdint>

namespace heddle::dev::uart {

/// Byte registers in the port space.
class PortRegisters {
  public:
    constexpr PortRegisters() = default;

    explicit PortRegisters(machine::Port base)
        : base_{base} {}

    std::uint8_t read(std::uint16_t offset) const { return machine::port_read8(base_ + offset); }

    void write(std::uint16_t offset, std::uint8_t value) const {
        machine::port_write8(base_ + offset, value);
    }

  private:
    machine::Port base_;
};

/// Registers of type `Register` in mapped device memory; offsets are in bytes.
template <class Register>
class MappedRegisters {
  public:
    constexpr MappedRegisters() = default;

    explicit MappedRegisters(VirtAddr base)
        : base_{base} {}

    Register read(std::uint16_t offset) const { return *at(offset); }

    void write(std::uint16_t offset, Register value) const { *at(offset) = value; }

  private:
    volatile Register* at(std::uint16_t offset) const { return (base_ + offset).as<volatile Register>(); }

    VirtAddr base_;
};

} // namespace heddle::dev::uart
