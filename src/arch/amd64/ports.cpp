// SPDX-License-Identifier: BSD-2-Clause
// The port space for core and dev, which know no machine.
#include "core/machine/ports.hpp"

#include "machine/io.hpp"

namespace heddle::machine {

std::uint8_t port_read8(Port port) {
    return in8(port.number);
}

void port_write8(Port port, std::uint8_t value) {
    out8(port.number, value);
}

} // namespace heddle::machine
