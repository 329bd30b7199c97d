// SPDX-License-Identifier: BSD-2-Clause
// The memory map that boot brought, made sense of: in order, without overlaps, in whole pages. Input is
// hostile.
#pragma once

#include "core/boot/boot_info.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/result.hpp"
#include "lib/units.hpp"

#include <optional>
#include <span>

namespace heddle::core::memory {

/// A piece of physical memory; in whole pages and not empty where nothing else is said.
struct PhysRange {
    PhysAddr begin;
    PhysAddr end;

    constexpr std::uint64_t size() const { return end - begin; }

    constexpr bool operator==(const PhysRange&) const = default;
};

/// A view of memory regions that may be unsorted, overlapping, unaligned, empty, or run over the end of the
/// address space. Computes ranges on demand and stores nothing, so that it works before any allocator.
/// Quadratic in the number of regions, of which firmware brings some dozens at most.
class MemoryMap {
  public:
    /// RAM at and above this address is left alone.
    static constexpr PhysAddr limit{1ULL << 40};

    constexpr explicit MemoryMap(std::span<const boot::MemoryRegion> regions)
        : regions_{regions} {}

    /// Takes `size` bytes at `base` out of the usable ones, a few times. For what was allocated before there
    /// was an allocator, and for what is known to be there whatever the regions say. Error::out_of_range when
    /// full.
    Result<void> reserve(PhysAddr base, std::uint64_t size);

    /// The first range of usable RAM at or after `from`: whole pages, each byte of which is usable. Never
    /// holds page 0.
    std::optional<PhysRange> next_usable(PhysAddr from) const;

    /// The first range of RAM of any kind at or after `from`: each page that holds a byte of RAM, firmware's
    /// page-sharing tables included.
    std::optional<PhysRange> next_ram(PhysAddr from) const;

    /// The largest usable range inside `window`, if any.
    std::optional<PhysRange> largest_usable(PhysRange window) const;

  private:
    enum class Wanted : std::uint8_t { usable, ram };

    bool wanted_at(std::uint64_t address, Wanted wanted) const;
    std::uint64_t next_boundary(std::uint64_t address) const;
    std::optional<PhysRange> next_bytes(std::uint64_t from, Wanted wanted) const;
    const PhysRange* first_reserved_in(PhysRange range) const;

    std::span<const boot::MemoryRegion> regions_;
    FixedVector<PhysRange, 8> reserved_;
};

} // namespace heddle::core::memory
