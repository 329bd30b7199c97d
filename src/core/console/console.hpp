// SPDX-License-Identifier: BSD-2-Clause
// The console: where text comes out and keys come in. The UART drivers in src/dev serve it.
#pragma once

#include "core/boot/boot_info.hpp"
#include "lib/format.hpp"
#include "lib/result.hpp"

#include <optional>

namespace heddle::core::console {

/// A UART as the console sees it. Implementations: 16550 (port or memory), PL011.
class Uart {
  public:
    /// Sends one byte, waiting (bounded) for room in the transmitter. Any context; no lock.
    virtual void send(char c) = 0;
    /// The next received byte, if there is one. Any context.
    virtual std::optional<char> receive() = 0;
    /// Lets the device raise its interrupt for received bytes. Thread context.
    virtual void enable_receive_interrupt() = 0;

  protected:
    ~Uart() = default;
};

/// Text for people and for `heddle`: '\n' becomes "\r\n". Locked per call, so that whole writes do not mix; any context.
Writer& output();

/// As output(), without the lock and without the ring: for panic only.
Writer& emergency_output();

/// Switches the console to `description`'s UART. `registers` is where its registers are mapped (unused for port I/O).
/// Until the first call output() goes to the machine's default console. Called by boot.
void attach(Uart& uart);

/// Formats to output().
template <class... Arguments>
void print(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    char buffer[512];
    BufferWriter writer{buffer};
    format_to(writer, format, arguments...);
    output().write(writer.text());
}

} // namespace heddle::core::console
