// SPDX-License-Identifier: BSD-2-Clause
// See the header. Called with the MMU off as well: position independent, bytes and words only.
#include "boot/early_console.hpp"

#include "machine/cpu.hpp"

#include <cstdint>

namespace heddle::aarch64 {
namespace {

// PrimeCell UART (PL011) technical reference manual, 3.2.
constexpr std::uint64_t data_register = 0x00;
constexpr std::uint64_t flag_register = 0x18;
constexpr std::uint32_t transmit_full = 1U << 5;
constexpr unsigned patience = 100'000;

void send(VirtAddr base, char c) {
    // Bounded: a device that is never ready loses text instead of hanging the report.
    for (unsigned i = 0; i < patience; ++i) {
        if ((*(base + flag_register).as<volatile std::uint32_t>() & transmit_full) == 0) {
            break;
        }
    }
    *(base + data_register).as<volatile std::uint32_t>() = static_cast<unsigned char>(c);
}

} // namespace

void early_print(VirtAddr base, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            send(base, '\r');
        }
        send(base, c);
    }
}

void early_halt(std::string_view reason) {
    const VirtAddr base{early_console_base.value};
    early_print(base, "\nHeddle cannot start: ");
    early_print(base, reason);
    early_print(base, "\n");
    machine::halt();
}

} // namespace heddle::aarch64
