// SPDX-License-Identifier: BSD-2-Clause
// A cursor over untrusted bytes: every read is checked, nothing is copied but the values asked for.
#pragma once

#include "lib/result.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace heddle {

/// Reads values of little-endian formats (all of ours but the device tree, which libfdt reads) from hostile
/// input. Does not own the bytes. A failed read moves nothing.
class ByteReader {
  public:
    constexpr explicit ByteReader(std::span<const std::byte> bytes)
        : bytes_{bytes} {}

    constexpr std::size_t remaining() const { return bytes_.size() - at_; }

    constexpr std::size_t position() const { return at_; }

    /// The next value of trivially copyable `T`, whatever its alignment; Error::malformed at the end of the
    /// input.
    template <class T>
        requires std::is_trivially_copyable_v<T>
    Result<T> read() {
        if (remaining() < sizeof(T)) {
            return fail(Error::malformed);
        }
        T value;
        std::memcpy(&value, bytes_.data() + at_, sizeof(T));
        at_ += sizeof(T);
        return value;
    }

    /// The next `count` bytes in place; Error::malformed when there are fewer.
    constexpr Result<std::span<const std::byte>> take(std::size_t count) {
        if (remaining() < count) {
            return fail(Error::malformed);
        }
        auto taken = bytes_.subspan(at_, count);
        at_ += count;
        return taken;
    }

    /// Moves on to the next multiple of `alignment` (a power of two) from the start of the input, at most to
    /// the end.
    constexpr void align(std::size_t alignment) {
        const std::size_t aligned = (at_ + alignment - 1) & ~(alignment - 1);
        at_ = aligned < bytes_.size() ? aligned : bytes_.size();
    }

  private:
    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
};

} // namespace heddle
