// SPDX-License-Identifier: BSD-2-Clause
// The one error type, and the ways to pass it on. Broken invariants are not errors: they are `panic`'s.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <utility>

namespace heddle {

/// Why an operation failed. The names follow POSIX errno where it has one, so that the Linux ABI maps them
/// one to one.
enum class Error : std::uint8_t {
    out_of_memory,     ///< ENOMEM
    invalid_argument,  ///< EINVAL
    not_found,         ///< ENOENT, ESRCH
    already_exists,    ///< EEXIST
    busy,              ///< EBUSY
    would_block,       ///< EAGAIN: a limit is reached, or nothing is there now
    deadlock,          ///< EDEADLK
    interrupted,       ///< EINTR
    timed_out,         ///< ETIMEDOUT
    out_of_range,      ///< ERANGE
    bad_address,       ///< EFAULT
    not_supported,     ///< ENOTSUP
    permission_denied, ///< EPERM
    malformed,         ///< EBADMSG: input that does not follow its format
    io_error,          ///< EIO
    canceled,          ///< ECANCELED
};

/// The error's name in words, for messages.
constexpr std::string_view to_string(Error error) {
    switch (error) {
    case Error::out_of_memory: return "out of memory";
    case Error::invalid_argument: return "invalid argument";
    case Error::not_found: return "not found";
    case Error::already_exists: return "already exists";
    case Error::busy: return "busy";
    case Error::would_block: return "try again";
    case Error::deadlock: return "deadlock";
    case Error::interrupted: return "interrupted";
    case Error::timed_out: return "timed out";
    case Error::out_of_range: return "out of range";
    case Error::bad_address: return "bad address";
    case Error::not_supported: return "not supported";
    case Error::permission_denied: return "permission denied";
    case Error::malformed: return "malformed";
    case Error::io_error: return "I/O error";
    case Error::canceled: return "canceled";
    }
    return "unknown error";
}

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(Error::busy);`
constexpr std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>{error};
}

} // namespace heddle

/// The value of a `Result<T>`, or return its error from the enclosing function. A statement expression: clang
/// and gcc.
#define TRY(expression)                                                                                      \
    (__extension__({                                                                                         \
        auto&& heddle_try_result = (expression);                                                             \
        if (!heddle_try_result.has_value()) [[unlikely]] {                                                   \
            return ::heddle::fail(heddle_try_result.error());                                                \
        }                                                                                                    \
        ::heddle::detail::take(std::move(heddle_try_result));                                                \
    }))

namespace heddle::detail {

template <class T>
constexpr T take(std::expected<T, Error>&& result) {
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

} // namespace heddle::detail
