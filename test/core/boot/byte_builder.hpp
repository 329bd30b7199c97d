// SPDX-License-Identifier: BSD-2-Clause
// Puts together binary boot data for tests: little-endian values one after the other, with places to come
// back to.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace heddle::test {

class ByteBuilder {
  public:
    /// Appends `value`; returns where it is.
    template <class T>
        requires std::is_trivially_copyable_v<T>
    std::size_t put(const T& value) {
        const std::size_t at = used_;
        set(at, value);
        used_ += sizeof(T);
        return at;
    }

    /// Appends characters, without a NUL.
    std::size_t text(std::string_view text) {
        const std::size_t at = used_;
        std::memcpy(bytes_.data() + at, text.data(), text.size());
        used_ += text.size();
        return at;
    }

    std::size_t zeros(std::size_t count) {
        const std::size_t at = used_;
        used_ += count;
        return at;
    }

    /// Overwrites, wherever.
    template <class T>
    void set(std::size_t at, const T& value) {
        std::memcpy(bytes_.data() + at, &value, sizeof(T));
    }

    void align(std::size_t alignment) { used_ = (used_ + alignment - 1) / alignment * alignment; }

    std::size_t size() const { return used_; }

    std::span<const std::byte> bytes() const { return std::span{bytes_}.first(used_); }

    std::byte& operator[](std::size_t at) { return bytes_[at]; }

    void clear() {
        bytes_.fill(std::byte{0});
        used_ = 0;
    }

  private:
    alignas(8) std::array<std::byte, 8192> bytes_{};
    std::size_t used_ = 0;
};

/// Empty; the same one each time, since a test's stack is small.
inline ByteBuilder& fresh_bytes() {
    static constinit ByteBuilder builder;
    builder.clear();
    return builder;
}

} // namespace heddle::test
