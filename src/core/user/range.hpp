// SPDX-License-Identifier: BSD-2-Clause
// Which addresses are programs'. Alike on both machines; says nothing about what is mapped.
#pragma once

#include "lib/units.hpp"

#include <cstdint>

namespace heddle::core::user {

/// Nothing below it, so that a null pointer with a small offset always faults.
inline constexpr VirtAddr user_begin{64_KiB};

/// The last page of the lower half stays empty: behind a system call there, amd64's return address would not
/// be canonical.
inline constexpr VirtAddr user_end{(1ULL << 47) - page_size};

/// Whether all of `size` bytes at `begin` may be a program's. No bytes are, anywhere.
constexpr bool is_user_range(VirtAddr begin, std::uint64_t size) {
    return size == 0 || (begin >= user_begin && begin < user_end && size <= user_end - begin);
}

} // namespace heddle::core::user
