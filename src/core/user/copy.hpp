// SPDX-License-Identifier: BSD-2-Clause
// The kernel's only ways to programs' memory: each checks that the range is the programs', and a fault at any
// byte ends it with the count done. Programs' memory is open to the kernel during the copy's own instructions
// alone.
#pragma once

#include "core/user/range.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

#include <cstddef>
#include <span>
#include <type_traits>

namespace heddle::core::user {

/// What became of a copy: the bytes before the first one that the program has not, or may not use so.
struct CopyResult {
    std::size_t done = 0;
    bool faulted = false;

    constexpr bool operator==(const CopyResult&) const = default;
};

/// Copies `size` bytes. A range that is not wholly in [user_begin, user_end) faults at once, with nothing
/// done. Other CPUs may change or unmap what is copied meanwhile: check what was copied, not what lies there.
/// Any context.
[[nodiscard]] CopyResult copy_from_user(void* to, VirtAddr from, std::size_t size);
[[nodiscard]] CopyResult copy_to_user(VirtAddr to, const void* from, std::size_t size);

/// Writes `size` zero bytes; otherwise as copy_to_user().
[[nodiscard]] CopyResult clear_user(VirtAddr to, std::size_t size);

/// A string from a program.
struct StringResult {
    std::size_t length = 0;  ///< bytes in the buffer, without the terminator
    bool terminated = false; ///< the terminator was found, and is in the buffer too
    bool faulted = false;    ///< it ends where the program has nothing; if neither, the buffer is full

    constexpr bool operator==(const StringResult&) const = default;
};

/// Copies the string at `from`, at most `to.size()` bytes with its terminator, and nothing behind that.
/// Otherwise as copy_from_user(); a string that runs into `user_end` faults there.
[[nodiscard]] StringResult copy_string_from_user(std::span<char> to, VirtAddr from);

/// A value of the program's; Error::bad_address when any byte of it cannot be had.
template <class T>
    requires std::is_trivially_copyable_v<T>
Result<T> read_user(VirtAddr from) {
    alignas(T) std::byte value[sizeof(T)];
    if (copy_from_user(value, from, sizeof(T)).faulted) {
        return fail(Error::bad_address);
    }
    return __builtin_bit_cast(T, value);
}

/// Stores `value`; with Error::bad_address a first part of it may be there.
template <class T>
    requires std::is_trivially_copyable_v<T>
Result<void> write_user(VirtAddr to, const T& value) {
    if (copy_to_user(to, &value, sizeof(T)).faulted) {
        return fail(Error::bad_address);
    }
    return {};
}

} // namespace heddle::core::user
