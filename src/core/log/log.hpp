// SPDX-License-Identifier: BSD-2-Clause
// The kernel's log: levels, a rate limit, and a lock-free ring, so that any context may log.
#pragma once

#include "core/log/level.hpp"
#include "lib/format.hpp"

namespace heddle::core::log {

/// Writes one line (no newline at its end) from any context, interrupt and exception handlers included. The
/// line goes to the ring at once and to the console when somebody drains it: outside of interrupt handlers
/// that is tried at once. Lines beyond the rate limit (of each level: 250 in a second) are counted, and the
/// count is printed with the next line that passes. Cut at 240 bytes.
void write(Level level, std::string_view line);

/// Writes what is in the ring to the console, unless somebody else is at it or holds the console. Any
/// context; never waits.
void drain();

/// Whether drain() would find something. Any context.
bool has_undrained();

/// Writes every line that is still in the ring, the drained ones too. Thread context.
void write_history(Writer& writer);

/// Writes what nobody has drained: for panic, which takes no lock.
void write_undrained(Writer& writer);

/// Lines above `level` are dropped before they are formatted.
bool enabled(Level level);
void set_level(Level level);
/// Sets the level called `name`, as in the option `log=`; Error::not_found.
Result<void> set_level(std::string_view name);

template <class... Arguments>
void line(Level level, FormatString<std::type_identity_t<Arguments>...> format,
          const Arguments&... arguments) {
    if (enabled(level)) {
        char buffer[240];
        BufferWriter writer{buffer};
        format_to(writer, format, arguments...);
        write(level, writer.text());
    }
}

template <class... Arguments>
void error(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    line<Arguments...>(Level::error, format, arguments...);
}

template <class... Arguments>
void warning(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    line<Arguments...>(Level::warning, format, arguments...);
}

template <class... Arguments>
void info(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    line<Arguments...>(Level::info, format, arguments...);
}

template <class... Arguments>
void debug(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
    line<Arguments...>(Level::debug, format, arguments...);
}

} // namespace heddle::core::log
