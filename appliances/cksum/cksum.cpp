// SPDX-License-Identifier: BSD-2-Clause
// Prints a POSIX cksum line (CRC, size, name) for every file of the boot archive.
#include "core/env.hpp"

#include <array>
#include <cstdint>

namespace heddle {
namespace {

/// The remainders of every byte value: CRC-32 of ISO/IEC 8802-3, most significant bit first, polynomial
/// 0x04c11db7.
constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t remainder = byte << 24;
        for (int bit = 0; bit < 8; ++bit) {
            remainder = (remainder << 1) ^ ((remainder >> 31) != 0 ? 0x04c1'1db7U : 0U);
        }
        table[byte] = remainder;
    }
    return table;
}();

constexpr std::uint32_t add(std::uint32_t crc, std::uint8_t byte) {
    return (crc << 8) ^ crc_table[(crc >> 24) ^ byte];
}

/// The cksum of `data` as POSIX defines it: the CRC goes on over the size's bytes, least significant first,
/// and is inverted.
std::uint32_t cksum(std::span<const std::byte> data) {
    std::uint32_t crc = 0;
    for (const std::byte byte : data) {
        crc = add(crc, std::to_integer<std::uint8_t>(byte));
    }
    for (std::size_t size = data.size(); size != 0; size >>= 8) {
        crc = add(crc, static_cast<std::uint8_t>(size));
    }
    return ~crc;
}

} // namespace

int appliance_main(Env& env) {
    for (const auto& file : env.files().files()) {
        if (env.stop_token().stop_requested()) {
            env.print("cksum: stopped before {}\n", file.path);
            return 1;
        }
        env.print("{} {} {}\n", cksum(file.data), file.data.size(), file.path);
    }
    return 0;
}

} // namespace heddle
