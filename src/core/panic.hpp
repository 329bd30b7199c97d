// SPDX-License-Identifier: BSD-2-Clause
// The end of the machine on a broken invariant: says which, where, with registers and backtrace, once, from anywhere.
#pragma once

#include "lib/config.hpp"
#include "lib/format.hpp"

#include <source_location>

namespace heddle::core {

/// The exit status that a panicking run reports, see machine::exit.
inline constexpr unsigned panic_status = 63;

namespace detail {

[[noreturn, gnu::cold]] void panic(std::string_view format, std::span<const heddle::detail::FormatArgument> arguments);
[[noreturn, gnu::cold]] void assertion_failed(const char* expression, std::source_location where);

} // namespace detail

/// Prints `panic: <message>`, a symbolised backtrace, stops the other CPUs and ends the machine with panic_status. Any
/// context, interrupt and exception handlers included; a second panic (of another CPU, or inside the first) prints no
/// second report.
template <class... Arguments>
[[noreturn, gnu::cold]] void panic(FormatString<std::type_identity_t<Arguments>...> format,
                                   const Arguments&... arguments) {
    if constexpr (sizeof...(Arguments) == 0) {
        detail::panic(format.text(), {});
    } else {
        const heddle::detail::FormatArgument erased[] = {heddle::detail::make_argument(arguments)...};
        detail::panic(format.text(), erased);
    }
}

} // namespace heddle::core

/// A caller's mistake, or an invariant that is checked in test images only. No side effects in `expression`.
#define HEDDLE_ASSERT(expression)                                                                                      \
    do {                                                                                                               \
        if constexpr (::heddle::config::assertions) {                                                                  \
            if (!(expression)) [[unlikely]] {                                                                          \
                ::heddle::core::detail::assertion_failed(#expression, std::source_location::current());                \
            }                                                                                                          \
        }                                                                                                              \
    } while (false)
