// SPDX-License-Identifier: BSD-2-Clause
// The kernel's log: levels, a rate limit, and a lock-free ring, so that any context may log.
#pragma once

#include "lib/format.hpp"

#include <cstdint>

namespace heddle::core::log {

enum class Level : std::uint8_t { error, warning, info, debug };

/// Writes one line (no newline at its end) from any context, interrupt and exception handlers included. The line goes to the
/// ring at once and to the console when somebody drains it; lines beyond the rate limit are counted, and the count is
/// printed with the next line that passes. Cut at 240 bytes.
void write(Level level, std::string_view line);

/// Lines above `level` are dropped before they are formatted.
bool enabled(Level level);
void set_level(Level level);

template <class... Arguments>
void line(Level level, FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
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
