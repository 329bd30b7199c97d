// SPDX-License-Identifier: BSD-2-Clause
// RELR relocation (ELF gABI, SHT_RELR): a list of places, compressed. The only kind that the linker script
// lets through.
#include "boot/relocate.hpp"

#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint64_t heddle_relr_start[];
[[gnu::visibility("hidden")]] extern const std::uint64_t heddle_relr_end[];
}

namespace heddle::aarch64 {

void apply_relative_relocations(std::span<const std::uint64_t> entries, std::uint64_t slide) {
    std::uint64_t* next = nullptr;
    for (const std::uint64_t entry : entries) {
        if ((entry & 1) == 0) {
            // An address: that word, and the bitmaps that follow tell of those behind it.
            next = reinterpret_cast<std::uint64_t*>(entry + slide);
            *next++ += slide;
            continue;
        }
        std::uint64_t* word = next;
        for (std::uint64_t bitmap = entry >> 1; bitmap != 0; bitmap >>= 1, ++word) {
            if ((bitmap & 1) != 0) {
                *word += slide;
            }
        }
        next += 63;
    }
}

void relocate_image() {
    const std::uint64_t slide = core::memory::image_text().begin - core::memory::image_base;
    if (slide != 0) { // else the linker left every address as it must be
        apply_relative_relocations({heddle_relr_start, heddle_relr_end}, slide);
    }
}

} // namespace heddle::aarch64
