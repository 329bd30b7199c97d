// SPDX-License-Identifier: BSD-2-Clause
// How parsers of boot data reach physical memory: checked, so that a wild pointer in a table is an error and
// not a fault.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/memory_map.hpp"
#include "lib/result.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace heddle::core::boot {

/// Physical memory that firmware or a boot loader filled. Abstract, so that the host can feed a parser from a
/// buffer.
class PhysicalReader {
  public:
    /// The `size` bytes at `base`, in place and for good; Error::bad_address when any of them cannot be read.
    virtual Result<std::span<const std::byte>> read(PhysAddr base, std::size_t size) const = 0;

  protected:
    ~PhysicalReader() = default;
};

/// Early page tables: everything below `end` is in the direct map, RAM or not.
class EarlyReader final : public PhysicalReader {
  public:
    explicit EarlyReader(PhysAddr end)
        : end_{end} {}

    Result<std::span<const std::byte>> read(PhysAddr base, std::size_t size) const override {
        if (base > end_ || size > end_ - base) {
            return fail(Error::bad_address);
        }
        return std::span{memory::to_virtual(base).as<const std::byte>(), size};
    }

  private:
    PhysAddr end_;
};

/// Final page tables: what the memory map calls RAM is in the direct map, nothing else.
class RamReader final : public PhysicalReader {
  public:
    explicit RamReader(const BootInfo& boot_info)
        : boot_info_{boot_info} {}

    Result<std::span<const std::byte>> read(PhysAddr base, std::size_t size) const override {
        constexpr PhysAddr end = memory::MemoryMap::limit;
        if (base > end || size > end - base || !boot_info_.is_ram(base, size)) {
            return fail(Error::bad_address);
        }
        return std::span{memory::to_virtual(base).as<const std::byte>(), size};
    }

  private:
    const BootInfo& boot_info_;
};

/// A parser's complaint, for the message: what is wrong, and where in the structure that it names.
struct BootProblem {
    std::string_view what;
    std::uint64_t offset = 0; ///< bytes from the structure's start
};

} // namespace heddle::core::boot
