// SPDX-License-Identifier: BSD-2-Clause
// The checks in front of the machine's copies.
#include "core/user/copy.hpp"

#include "core/machine/user.hpp"

#include <algorithm>
#include <cstring>

namespace heddle::core::user {
namespace {

constexpr CopyResult refused{.done = 0, .faulted = true};

constexpr CopyResult result_of(std::size_t size, std::size_t left) {
    return {.done = size - left, .faulted = left != 0};
}

} // namespace

CopyResult copy_from_user(void* to, VirtAddr from, std::size_t size) {
    if (!is_user_range(from, size)) {
        return refused;
    }
    return result_of(size, machine::copy_from_user_unchecked(to, from, size));
}

CopyResult copy_to_user(VirtAddr to, const void* from, std::size_t size) {
    if (!is_user_range(to, size)) {
        return refused;
    }
    return result_of(size, machine::copy_to_user_unchecked(to, from, size));
}

CopyResult clear_user(VirtAddr to, std::size_t size) {
    if (!is_user_range(to, size)) {
        return refused;
    }
    return result_of(size, machine::clear_user_unchecked(to, size));
}

/// In pieces, so that what lies behind the string is not copied far.
StringResult copy_string_from_user(std::span<char> to, VirtAddr from) {
    constexpr std::size_t piece_size = 64;
    std::size_t length = 0;
    while (length < to.size()) {
        const VirtAddr at = from + length;
        if (!is_user_range(at, 1)) {
            return {.length = length, .terminated = false, .faulted = true};
        }
        const std::size_t size =
            std::min({piece_size, to.size() - length, static_cast<std::size_t>(user_end - at)});
        char* const piece = to.data() + length;
        const CopyResult copied = copy_from_user(piece, at, size);
        if (const void* const end = std::memchr(piece, '\0', copied.done)) {
            length += static_cast<std::size_t>(static_cast<const char*>(end) - piece);
            return {.length = length, .terminated = true, .faulted = false};
        }
        length += copied.done;
        if (copied.faulted) {
            return {.length = length, .terminated = false, .faulted = true};
        }
    }
    return {.length = length, .terminated = false, .faulted = false};
}

} // namespace heddle::core::user
