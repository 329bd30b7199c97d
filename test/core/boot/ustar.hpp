// SPDX-License-Identifier: BSD-2-Clause
// Makes small ustar archives for tests, right or wrong in one place. Fields are addressed by POSIX's offsets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace heddle::test {

class Ustar {
  public:
    static constexpr std::size_t block = 512;
    static constexpr std::size_t size_field = 124;
    static constexpr std::size_t checksum_field = 148;
    static constexpr std::size_t type_field = 156;
    static constexpr std::size_t magic_field = 257;
    static constexpr std::size_t prefix_field = 345;

    /// Appends a member with a right header; returns its number, from 0.
    std::size_t add(std::string_view name, std::string_view data = {}, char type = '0',
                    std::string_view prefix = {}) {
        const std::size_t header = used_;
        headers_[count_] = header;
        put(header, name);
        put(header + size_field, "00000000000");
        std::size_t size = data.size();
        for (std::size_t i = 11; size != 0; size /= 8) {
            bytes_[header + size_field + --i] = static_cast<char>('0' + size % 8);
        }
        bytes_[header + type_field] = type;
        put(header + magic_field, std::string_view{"ustar\0"
                                                   "00",
                                                   8});
        put(header + prefix_field, prefix);
        sign(count_);
        put(header + block, data);
        used_ += block + (data.size() + block - 1) / block * block;
        return count_++;
    }

    /// Overwrites bytes of a member's header, and sets its checksum right again.
    void set(std::size_t member, std::size_t field, std::string_view text) {
        put(headers_[member] + field, text);
        sign(member);
    }

    /// Overwrites without touching the checksum.
    void spoil(std::size_t member, std::size_t field, std::string_view text) {
        put(headers_[member] + field, text);
    }

    /// The two zero blocks.
    void end() { used_ += 2 * block; }

    void zero_block() { used_ += block; }

    void append(std::string_view text) {
        put(used_, text);
        used_ += text.size();
    }

    std::span<const std::byte> bytes() const { return std::as_bytes(std::span{bytes_}.first(used_)); }

    void clear() {
        bytes_.fill('\0');
        used_ = count_ = 0;
    }

  private:
    void put(std::size_t at, std::string_view text) {
        if (!text.empty()) {
            std::memcpy(bytes_.data() + at, text.data(), text.size());
        }
    }

    void sign(std::size_t member) {
        char* const field = bytes_.data() + headers_[member] + checksum_field;
        std::memset(field, ' ', 8);
        unsigned sum = 0;
        for (std::size_t i = 0; i < block; ++i) {
            sum += static_cast<unsigned char>(bytes_[headers_[member] + i]);
        }
        for (std::size_t i = 6; i > 0; --i, sum /= 8) {
            field[i - 1] = static_cast<char>('0' + sum % 8);
        }
        field[6] = '\0';
    }

    std::array<char, 24 * block> bytes_{};
    std::array<std::size_t, 16> headers_{};
    std::size_t used_ = 0;
    std::size_t count_ = 0;
};

/// An empty archive; the same storage each time, since a test's stack is small.
inline Ustar& fresh_ustar() {
    static constinit Ustar ustar;
    ustar.clear();
    return ustar;
}

} // namespace heddle::test
