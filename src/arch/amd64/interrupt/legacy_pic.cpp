// SPDX-License-Identifier: BSD-2-Clause
// Initialization and operation command words: Intel 8259A data sheet, "Programming the 8259A".
#include "interrupt/legacy_pic.hpp"

#include "interrupt/vectors.hpp"
#include "machine/io.hpp"
#include "trap/trap.hpp"

namespace heddle::amd64 {
namespace {

constexpr std::uint16_t master_command = 0x20;
constexpr std::uint16_t master_data = 0x21;
constexpr std::uint16_t slave_command = 0xa0;
constexpr std::uint16_t slave_data = 0xa1;

/// A masked 8259 raises IRQ 7 when a line fell before it was acknowledged; it then expects no end of
/// interrupt.
void ignore(std::uint8_t vector) {
    static_cast<void>(vector);
}

} // namespace

void silence_legacy_pics() {
    using machine::out8;
    constexpr std::uint8_t initialise = 0x11; // ICW1: cascaded, ICW4 follows
    constexpr std::uint8_t mode_8086 = 0x01;  // ICW4
    out8(master_command, initialise);
    out8(slave_command, initialise);
    out8(master_data, legacy_vectors); // ICW2
    out8(slave_data, legacy_vectors + 8);
    out8(master_data, 1U << 2); // ICW3: the slave is on line 2
    out8(slave_data, 2);
    out8(master_data, mode_8086);
    out8(slave_data, mode_8086);
    out8(master_data, 0xff); // OCW1: all masked
    out8(slave_data, 0xff);
    for (unsigned i = 0; i < legacy_vector_count; ++i) {
        set_vector_handler(static_cast<std::uint8_t>(legacy_vectors + i), ignore);
    }
}

} // namespace heddle::amd64
