// SPDX-License-Identifier: BSD-2-Clause
// The UART drivers as the console finds them, with the storage of the few UARTs there can be.
#include "core/console/uart_driver.hpp"
#include "dev/uart/ns16550.hpp"
#include "dev/uart/pl011.hpp"
#include "dev/uart/registers.hpp"

#include <array>

namespace heddle::dev::uart {
namespace {

using core::boot::ConsoleDescription;
using core::boot::ConsoleKind;
using core::console::Uart;

/// The early console and the described one, each perhaps at an early and at its final mapping. Boot thread
/// only.
template <class Driver>
class Pool {
  public:
    struct Place {
        Driver uart;
        std::uint64_t base = 0;
        VirtAddr registers;
        bool used = false;
    };

    /// The place for the UART at `base` with its registers at `registers`; a new one has yet to be opened.
    Result<Place*> find(std::uint64_t base, VirtAddr registers) {
        for (Place& place : places_) {
            if (!place.used || (place.base == base && place.registers == registers)) {
                place.base = base;
                place.registers = registers;
                return &place;
            }
        }
        return fail(Error::out_of_memory);
    }

  private:
    std::array<Place, 4> places_{};
};

constinit Pool<Ns16550<PortRegisters>> port_uarts;
constinit Pool<Ns16550<MappedRegisters<std::uint8_t>>> mapped_uarts;
constinit Pool<Pl011<MappedRegisters<std::uint32_t>>> pl011_uarts;

Result<Uart*> create_port(const ConsoleDescription& description, VirtAddr) {
    auto* place = TRY(port_uarts.find(description.base, {}));
    if (!place->used) {
        const machine::Port port{static_cast<std::uint16_t>(description.base)};
        TRY(place->uart.open(PortRegisters{port}, true));
        place->used = true;
    }
    return &place->uart;
}

Result<Uart*> create_mapped(const ConsoleDescription& description, VirtAddr registers) {
    auto* place = TRY(mapped_uarts.find(description.base, registers));
    if (!place->used) {
        TRY(place->uart.open(MappedRegisters<std::uint8_t>{registers}, false));
        place->used = true;
    }
    return &place->uart;
}

Result<Uart*> create_pl011(const ConsoleDescription& description, VirtAddr registers) {
    auto* place = TRY(pl011_uarts.find(description.base, registers));
    if (!place->used) {
        place->uart.open(MappedRegisters<std::uint32_t>{registers});
        place->used = true;
    }
    return &place->uart;
}

HEDDLE_UART_DRIVER(ns16550_port){.name = "16550", .kind = ConsoleKind::ns16550_port, .create = create_port};
HEDDLE_UART_DRIVER(ns16550_mmio){.name = "16550", .kind = ConsoleKind::ns16550_mmio, .create = create_mapped};
HEDDLE_UART_DRIVER(pl011){.name = "PL011", .kind = ConsoleKind::pl011, .create = create_pl011};

} // namespace
} // namespace heddle::dev::uart
