// SPDX-License-Identifier: BSD-2-Clause
// Virtual addresses that are given out at run time: for device registers and kernel stacks. Best fit over a
// tree of free ranges, after vmem (Bonwick and Adams 2001) without its quantum caches.
#pragma once

#include "core/memory/mapping_types.hpp"
#include "core/sync/spinlock.hpp"
#include "lib/intrusive.hpp"
#include "lib/manual.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

#include <cstddef>
#include <utility>

namespace heddle::core::memory {

class Arena;

namespace detail {

/// A boundary tag: one free or owned range. Neighbours in address order are neighbours in the list.
struct ArenaRange {
    VirtAddr begin;
    std::uint64_t size = 0;
    bool free = false;
    ListHook by_address;
    TreeHook by_size; ///< linked while free

    struct Smaller {
        bool operator()(const ArenaRange& a, const ArenaRange& b) const {
            return a.size != b.size ? a.size < b.size : a.begin < b.begin;
        }
    };
};

} // namespace detail

/// Owns a range of an arena's addresses, guard page included. Says nothing about what is mapped there.
class AddressRange {
  public:
    AddressRange(AddressRange&& other) noexcept
        : arena_{std::exchange(other.arena_, nullptr)}
        , range_{std::exchange(other.range_, nullptr)}
        , size_{other.size_} {}

    AddressRange& operator=(AddressRange&& other) noexcept {
        std::swap(arena_, other.arena_);
        std::swap(range_, other.range_);
        std::swap(size_, other.size_);
        return *this;
    }

    ~AddressRange();

    VirtAddr begin() const { return range_->begin; }

    std::uint64_t size() const { return size_; }

    /// Whether it owns a range: not once moved from.
    explicit operator bool() const { return range_ != nullptr; }

    /// Never gives the range back.
    void abandon() { range_ = nullptr; }

  private:
    friend class Arena;

    AddressRange(Arena& arena, detail::ArenaRange& range, std::uint64_t size)
        : arena_{&arena}
        , range_{&range}
        , size_{size} {}

    Arena* arena_;
    detail::ArenaRange* range_; ///< null: moved from
    std::uint64_t size_;        ///< as asked for, in whole pages, without the guard
};

/// An instance hands out one region of virtual addresses. Any context in which Rank::slab may be taken.
class Arena {
  public:
    constexpr Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    /// Every range must have been given back.
    ~Arena();

    /// Takes over `size` bytes at `begin`, whole pages, once.
    Result<void> initialise(VirtAddr begin, std::uint64_t size);

    /// `size` bytes rounded up to pages at a multiple of `alignment` (a power of two, at least a page). The
    /// page after the range is its guard: nobody else gets it, nothing is mapped there. Error::out_of_memory,
    /// Error::invalid_argument.
    Result<AddressRange> reserve(std::uint64_t size, std::uint64_t alignment = page_size) EXCLUDES(lock_);

    /// Where what it took over begins.
    VirtAddr begin() const { return begin_; }

    /// Bytes that are free, in one piece or many.
    std::uint64_t available() const EXCLUDES(lock_);

    /// Free ranges: one, when nothing is reserved. Walks: for tests.
    std::size_t fragments() const EXCLUDES(lock_);

  private:
    friend class AddressRange;
    using Range = detail::ArenaRange;
    using BySize = Tree<Range, &Range::by_size, Range::Smaller>;
    using ByAddress = List<Range, &Range::by_address>;

    Range* find(std::uint64_t size, std::uint64_t alignment) REQUIRES(lock_);
    void carve(Range& range, VirtAddr begin, std::uint64_t size, Range*& before, Range*& after)
        REQUIRES(lock_);
    void release(Range& range) EXCLUDES(lock_);
    Range* absorb_next(Range& range) REQUIRES(lock_);

    mutable sync::Spinlock lock_{sync::Rank::address_space};
    Manual<BySize> free_ GUARDED_BY(lock_);
    Manual<ByAddress> ranges_ GUARDED_BY(lock_);
    VirtAddr begin_;
    bool initialised_ = false;
};

/// Addresses for mappings in the kernel's arena region; see layout.hpp.
Arena& arena();

/// Owns a piece of the arena with something mapped in it; unmaps and gives the addresses back. Not the memory
/// behind it.
class Mapping {
  public:
    Mapping(Mapping&&) noexcept = default;
    Mapping& operator=(Mapping&&) noexcept = default;
    ~Mapping();

    /// The byte that was asked for, which need not be at a page's start.
    VirtAddr address() const { return range_.begin() + offset_; }

    std::size_t size() const { return size_; }

    /// The mapping's start as registers or tables of type `T`.
    template <class T>
    T* as() const {
        return address().as<T>();
    }

    /// Leaves it mapped for good: for devices that are never given back.
    VirtAddr leak() &&;

  private:
    friend Result<Mapping> map_physical(PhysAddr address, std::size_t size, Permissions permissions);

    Mapping(AddressRange range, std::uint64_t offset, std::size_t size)
        : range_{std::move(range)}
        , offset_{offset}
        , size_{size} {}

    AddressRange range_;
    std::uint64_t offset_;
    std::size_t size_;
};

/// Maps `size` bytes at `address` (both need not be whole pages; what shares the pages is mapped too) into
/// the arena. Error::invalid_argument when empty or beyond the physical address space, Error::out_of_memory.
Result<Mapping> map_physical(PhysAddr address, std::size_t size, Permissions permissions);

/// Device registers: uncached, read-write, never executable.
inline Result<Mapping> map_device(PhysAddr address, std::size_t size) {
    return map_physical(address, size, {.access = Access::read_write, .caching = Caching::device});
}

} // namespace heddle::core::memory
