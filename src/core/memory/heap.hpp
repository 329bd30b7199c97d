// SPDX-License-Identifier: BSD-2-Clause
// Memory of any size: size classes on object caches up to 2 KiB, blocks of frames beyond. Prefer the owners
// of owner.hpp.
#pragma once

#include "lib/result.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::core::memory::heap {

/// `bytes` of memory, contents undefined, aligned to `alignment` (a power of two; at least 16 is always given
/// up to 64 bytes). 0 bytes give a distinct pointer. Error::out_of_memory, Error::invalid_argument for an
/// alignment that is none. Contexts: see ObjectCache.
Result<void*> allocate(std::size_t bytes, std::size_t alignment = 16);

/// Gives back what allocate() gave; null is fine. Test images panic on what it did not give, or took back
/// already.
void free(void* memory);

/// Bytes that `memory`, from allocate(), really has.
std::size_t usable_size(void* memory);

/// Blocks of frames that allocate() has out (the size classes are counters of their own).
std::uint64_t live_blocks();

} // namespace heddle::core::memory::heap
