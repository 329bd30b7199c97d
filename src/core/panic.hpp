// SPDX-License-Identifier: BSD-2-Clause
// The end of the machine on a broken invariant: says which, where, with registers and backtrace, once, from
// anywhere.
#pragma once

#include "lib/config.hpp"
#include "lib/format.hpp"

#include <array>
#include <source_location>

namespace heddle::machine {
struct TrapFrame;
}

namespace heddle::core {

/// The exit status that a panicking run reports, see machine::exit.
inline constexpr unsigned panic_status = 63;

namespace detail {

/// `frame` is null when no trap is behind the panic; `caller` is the frame pointer where the backtrace starts
/// then.
[[noreturn, gnu::cold]] void panic(const machine::TrapFrame* frame, std::uint64_t caller,
                                   std::string_view format,
                                   std::span<const heddle::detail::FormatArgument> arguments);
[[noreturn, gnu::cold]] void assertion_failed(const char* expression, std::source_location where);

} // namespace detail

/// Prints `panic: <message>`, a symbolised backtrace and what the log had not yet printed, and ends the
/// machine with panic_status. Any context, interrupt and exception handlers included; a second panic prints
/// no second report: inside the first it ends the machine, on another CPU it waits for the end.
template <class... Arguments>
[[noreturn, gnu::cold, gnu::noinline]] void panic(FormatString<std::type_identity_t<Arguments>...> format,
                                                  const Arguments&... arguments) {
    const auto caller = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const std::array<heddle::detail::FormatArgument, sizeof...(Arguments)> erased{
        heddle::detail::make_argument(arguments)...};
    detail::panic(nullptr, caller, format.text(), erased);
}

/// As panic(), for an exception that nobody can handle: also prints the registers of `frame`, and the
/// backtrace starts there.
template <class... Arguments>
[[noreturn, gnu::cold, gnu::noinline]] void
panic_in_trap(const machine::TrapFrame& frame, FormatString<std::type_identity_t<Arguments>...> format,
              const Arguments&... arguments) {
    const std::array<heddle::detail::FormatArgument, sizeof...(Arguments)> erased{
        heddle::detail::make_argument(arguments)...};
    detail::panic(&frame, 0, format.text(), erased);
}

} // namespace heddle::core

/// A caller's mistake, or an invariant that is checked in test images only. No side effects in `expression`.
#define HEDDLE_ASSERT(expression)                                                                            \
    do {                                                                                                     \
        if constexpr (::heddle::config::assertions) {                                                        \
            if (!(expression)) [[unlikely]] {                                                                \
                ::heddle::core::detail::assertion_failed(#expression, std::source_location::current());      \
            }                                                                                                \
        }                                                                                                    \
    } while (false)
