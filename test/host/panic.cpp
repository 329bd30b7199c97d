// SPDX-License-Identifier: BSD-2-Clause
// A panic or a failed assertion on the host: the message, then abort, which the sanitizers turn into a
// backtrace.
#include "core/panic.hpp"

#include <cstdio>
#include <cstdlib>

namespace heddle::core::detail {

void panic(const machine::TrapFrame*, std::uint64_t, std::string_view format,
           std::span<const heddle::detail::FormatArgument> arguments) {
    char text[400];
    BufferWriter writer{text};
    heddle::detail::format_arguments(writer, format, arguments);
    std::fprintf(stderr, "panic: %.*s\n", static_cast<int>(writer.text().size()), writer.text().data());
    std::abort();
}

void assertion_failed(const char* expression, std::source_location where) {
    std::fprintf(stderr, "%s:%u: assertion failed: %s\n", where.file_name(), where.line(), expression);
    std::abort();
}

} // namespace heddle::core::detail
