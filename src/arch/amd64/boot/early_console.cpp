// SPDX-License-Identifier: BSD-2-Clause
// The polled 16550 in its least form; the driver is src/dev/uart's.
#include "boot/early_console.hpp"

#include "machine/io.hpp"

namespace heddle::amd64 {
namespace {

constexpr unsigned line_status = 5;
constexpr unsigned transmitter_empty = 0x20;

void send(char c) {
    for (unsigned tries = 0; tries < 100'000; ++tries) {
        if ((machine::in8(com1_port + line_status) & transmitter_empty) != 0) {
            break;
        }
    }
    machine::out8(com1_port, static_cast<unsigned char>(c));
}

} // namespace

void early_print(std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            send('\r');
        }
        send(c);
    }
}

} // namespace heddle::amd64
