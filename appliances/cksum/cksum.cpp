// SPDX-License-Identifier: BSD-2-Clause
// Prints a POSIX cksum line (CRC, size, name) for every file of the boot archive, in its order; all CPUs
// compute.
#include "core/env.hpp"
#include "core/memory/owner.hpp"

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

/// What became of one file.
struct Sum {
    std::uint32_t value = 0;
    bool done = false; ///< false: we were asked to stop before
};

} // namespace

/// All CPUs compute, then the lines are printed in the archive's order.
int appliance_main(Env& env) {
    const auto files = env.files().files();
    const auto sums = core::memory::make_array<Sum>(files.size());
    if (!sums) {
        env.print("cksum: no memory for {} files\n", files.size());
        return 1;
    }
    env.for_each_parallel(files.size(), [&](std::size_t i) {
        if (!env.stop_token().stop_requested()) {
            (*sums)[i] = {cksum(files[i].data), true};
        }
    });
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (!(*sums)[i].done) {
            env.print("cksum: stopped before {}\n", files[i].path);
            return 1;
        }
        env.print("{} {} {}\n", (*sums)[i].value, files[i].data.size(), files[i].path);
    }
    return 0;
}

} // namespace heddle
