// SPDX-License-Identifier: BSD-2-Clause
// The memory of doctest and of the tests' own std containers: a bounded part of the image, so that neither
// live counters nor failing allocations of the kernel see it.
#pragma once

#include <cstddef>

namespace heddle::test::port {

/// Blocks in sizes of powers of two, each kept for its size for ever. Runner's thread only.
class Arena {
  public:
    constexpr Arena(std::byte* begin, std::size_t size)
        : next_{begin}
        , end_{begin + size} {}

    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// At least `bytes`, aligned to 16; null when there is no room.
    void* allocate(std::size_t bytes);

    /// `block` is one of allocate()'s, or null.
    void deallocate(void* block);

    /// Blocks that are allocated.
    std::size_t live() const { return live_; }

  private:
    /// In front of each block; as large as the alignment that it must not disturb.
    struct alignas(16) Header {
        std::size_t size_class;
        Header* next_free;
    };

    static constexpr std::size_t least_shift = 5;
    static constexpr std::size_t classes = 24;

    std::byte* next_;
    std::byte* end_;
    Header* free_[classes]{};
    std::size_t live_ = 0;
};

} // namespace heddle::test::port
