// SPDX-License-Identifier: BSD-2-Clause
// This machine has no port space: an empty bus, as the contract says.
#include "core/machine/ports.hpp"

namespace heddle::machine {

std::uint8_t port_read8(Port) {
    return 0xff;
}

void port_write8(Port, std::uint8_t) {}

} // namespace heddle::machine
