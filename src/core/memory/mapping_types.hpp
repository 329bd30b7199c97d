// SPDX-License-Identifier: BSD-2-Clause
// What a mapping permits and how it is cached: the vocabulary that core and the machines' page-table policies
// share.
#pragma once

#include <cstdint>

namespace heddle::core::memory {

/// Never writable and executable at once: the type has no such value.
enum class Access : std::uint8_t { read, read_write, read_execute };

/// Who may use a mapping. User mappings come with user mode; kernel code never executes them.
enum class Privilege : std::uint8_t { kernel, user };

enum class Caching : std::uint8_t {
    normal, ///< write-back RAM
    device, ///< uncached, strictly ordered registers (aarch64 nGnRE)
};

struct Permissions {
    Access access = Access::read;
    Privilege privilege = Privilege::kernel;
    Caching caching = Caching::normal;

    constexpr bool operator==(const Permissions&) const = default;
};

} // namespace heddle::core::memory
