// SPDX-License-Identifier: BSD-2-Clause
// RELR: the compact table of relative relocations (ELF gABI, "Relocation", SHT_RELR).
#include "boot/relocate.hpp"

#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint64_t heddle_relr_start[];
[[gnu::visibility("hidden")]] extern const std::uint64_t heddle_relr_end[];
}

namespace heddle::amd64 {

void apply_relative_relocations(std::span<const std::uint64_t> entries, std::uint64_t slide) {
    std::uint64_t* next = nullptr;
    for (const std::uint64_t entry : entries) {
        if ((entry & 1) == 0) { // an address: that word, and where the bitmaps that follow begin
            next = reinterpret_cast<std::uint64_t*>(entry + slide);
            *next++ += slide;
            continue;
        }
        for (unsigned bit = 0; bit < 63; ++bit) {
            if ((entry >> (bit + 1) & 1) != 0) {
                next[bit] += slide;
            }
        }
        next += 63;
    }
}

void relocate_image() {
    const std::uint64_t slide = core::memory::image_text().begin - core::memory::image_base;
    if (slide != 0) { // else the linker left every pointer as it must be
        apply_relative_relocations({heddle_relr_start, heddle_relr_end}, slide);
    }
}

} // namespace heddle::amd64
