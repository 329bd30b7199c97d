// SPDX-License-Identifier: BSD-2-Clause
// RELR relocation (ELF gABI, SHT_RELR): a list of places, compressed. The only kind that the linker script lets through.
#include "boot/relocate.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint64_t heddle_relr_start[];
[[gnu::visibility("hidden")]] extern const std::uint64_t heddle_relr_end[];
}

namespace heddle::aarch64 {

void relocate(std::uint64_t slide) {
    std::uint64_t* next = nullptr;
    for (const std::uint64_t* entry = heddle_relr_start; entry != heddle_relr_end; ++entry) {
        if ((*entry & 1) == 0) {
            // An address: that word, and the bitmaps that follow tell of those behind it.
            next = reinterpret_cast<std::uint64_t*>(*entry + slide);
            *next++ += slide;
            continue;
        }
        for (std::uint64_t bitmap = *entry >> 1, i = 0; bitmap != 0; bitmap >>= 1, ++i) {
            if ((bitmap & 1) != 0) {
                next[i] += slide;
            }
        }
        next += 63;
    }
}

} // namespace heddle::aarch64
