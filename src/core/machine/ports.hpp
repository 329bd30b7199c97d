// SPDX-License-Identifier: BSD-2-Clause
// The I/O port space, for the few devices that still live there. On a machine without one it is a bus with
// nobody on it: reads give all ones, writes go nowhere, so a driver that probes finds no device.
#pragma once

#include <cstdint>

namespace heddle::machine {

/// A port number.
struct Port {
    std::uint16_t number = 0;

    constexpr Port operator+(std::uint16_t offset) const {
        return {static_cast<std::uint16_t>(number + offset)};
    }
};

std::uint8_t port_read8(Port port);
void port_write8(Port port, std::uint8_t value);

} // namespace heddle::machine
