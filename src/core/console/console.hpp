// SPDX-License-Identifier: BSD-2-Clause
// The console: where text comes out and keys come in. The UART drivers in src/dev serve it.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/stop_token.hpp"
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

/// Text for people and for `heddle`: '\n' becomes "\r\n". Locked per call, so that whole writes do not mix;
/// any context but a handler that may have interrupted the lock's holder with interrupts off (NMI, machine
/// check): use the log there.
Writer& output();

/// As output(), without the lock: for panic only.
Writer& emergency_output();

/// As output().write(), but Error::busy instead of waiting when somebody else is writing. Any context.
Result<void> try_write(std::string_view text);

/// Switches the console to `uart`, and back: returns the one before. Null, and output() goes nowhere,
/// until the first call. Any context; `uart` must live as long as it is attached.
Uart* attach(Uart& uart);

/// Sets up and attaches the UART of `description`, whose registers, if they are in memory, are mapped at the
/// direct map's address (layout.hpp): the machine's early page tables do so for the console that it names in
/// BootInfo. For boot's first lines. On an error the console stays as it was.
Result<void> attach_early(const boot::ConsoleDescription& description);

/// As attach_early(), but maps the registers as devices are: on the kernel's own page tables. For boot, when
/// those are active, and again when a description of the machine names another console.
Result<void> attach_described(const boot::ConsoleDescription& description);

/// The UART that output() goes to, or null.
Uart* attached_uart();

/// Takes what the attached UART has received. Called by its receive interrupt, on one CPU at a time; never
/// blocks. Ctrl-C requests the stop at once; everything else waits for poll().
void receive_input();

/// Whom Ctrl-C and the command `stop` ask from now on, null for nobody; returns whom they asked before.
/// Called by the component `console`.
StopToken* set_stop_token(StopToken* token);

/// Says whether an interrupt calls receive_input(); while not, poll() looks at the UART itself.
void set_interrupt_driven(bool by_interrupt);

/// Does the console's waiting work: drains the log, edits the line being typed, runs commands. Called again
/// and again by whoever waits (time::wait_until()). Thread context, interrupts on; at once back when another
/// CPU is at it.
void poll();

/// Whether poll() would find something to do: keys, or log lines. Any context; interrupts off to rely on a
/// no.
bool has_work();

/// Formats to output().
template <class... Arguments>
void print(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    char buffer[512];
    BufferWriter writer{buffer};
    format_to(writer, format, arguments...);
    output().write(writer.text());
}

} // namespace heddle::core::console
