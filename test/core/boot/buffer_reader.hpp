// SPDX-License-Identifier: BSD-2-Clause
// Physical memory for a parser's test: one buffer that lies at an address of the test's choice.
#pragma once

#include "core/boot/physical_reader.hpp"

namespace heddle::test {

/// Only the buffer's bytes can be read.
class BufferReader final : public core::boot::PhysicalReader {
  public:
    BufferReader(PhysAddr base, std::span<const std::byte> bytes)
        : base_{base}
        , bytes_{bytes} {}

    Result<std::span<const std::byte>> read(PhysAddr base, std::size_t size) const override {
        const std::uint64_t offset = base - base_;
        if (base < base_ || offset > bytes_.size() || size > bytes_.size() - offset) {
            return fail(Error::bad_address);
        }
        return bytes_.subspan(offset, size);
    }

  private:
    PhysAddr base_;
    std::span<const std::byte> bytes_;
};

} // namespace heddle::test
