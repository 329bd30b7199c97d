// SPDX-License-Identifier: BSD-2-Clause
// Where the image and the arena may lie, and where they do lie in this boot. That boots differ is the host's
// check
// (`./heddle check kaslr`); that no page is writable and executable wherever they lie is
// core/memory/protection_test.cpp.
#include "core/boot/image_slide.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/image.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/memory.hpp"
#include "core/symbols/symbols.hpp"
#include "lib/bits.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core::memory;
using core::boot::image_slide;

constexpr VirtAddr region_end = image_region + image_region_size;

VirtAddr place(std::uint64_t random, std::uint64_t size) {
    return image_base + image_slide(random, size);
}

bool nokaslr() {
    bool found = false;
    env().command_line().for_each(
        [&](const core::boot::Assignment& assignment) { found |= assignment.key == "nokaslr"; });
    return found;
}

TEST_CASE("an image is put at a multiple of 2 MiB in its region, with a gap on both sides") {
    for (const std::uint64_t size :
         {std::uint64_t{1}, std::uint64_t{2_MiB}, std::uint64_t{2_MiB + 1}, std::uint64_t{31_MiB}}) {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            const VirtAddr begin = place(i * 0x9e37'79b9'7f4a'7c15, size);
            REQUIRE(is_aligned(begin.value, image_alignment));
            REQUIRE(begin >= image_region + image_alignment);
            REQUIRE(region_end - begin >= size + image_alignment);
        }
    }
}

TEST_CASE("every place of the region is one, from the first to the last") {
    const VirtAddr first = place(0, 2_MiB);
    CHECK(first == image_region + image_alignment);
    const std::uint64_t count = image_region_size / image_alignment - 2;
    CHECK(place(count - 1, 2_MiB) == region_end - 2 * image_alignment);
    CHECK(place(count, 2_MiB) == first);
    CHECK(count >= (1ULL << 24) - 2); // 24 bits of entropy
}

TEST_CASE("the image lies where boot may put it, and nowhere else") {
    const VirtAddr begin = image_text().begin;
    CHECK(core::boot::current_slide() == begin.value - image_base.value);
    CHECK(env().boot_info().random_layout == !nokaslr());
    CHECK(env().boot_info().seed == 0); // used, and not kept
    if (nokaslr()) {
        CHECK(begin == image_base);
    } else {
        CHECK(is_aligned(begin.value, image_alignment));
        CHECK(begin >= image_region + image_alignment);
        CHECK(image_data().end <= region_end - image_alignment);
        CHECK(begin != image_base); // one boot in 16 million may be wrong here
        CHECK(machine::probe_read(image_base).error() == Error::bad_address);
    }
    CHECK(kernel_map().translate(begin - 1).error() == Error::not_found);
    CHECK(kernel_map().translate(begin - image_alignment).error() == Error::not_found);
    CHECK(kernel_map().translate(image_data().end).error() == Error::not_found);
    CHECK(kernel_map().translate(image_data().end + image_alignment).error() == Error::not_found);
}

TEST_CASE("the arena begins at a page of the lower half of its region, as the random number says") {
    CHECK(arena_begin(0) == arena_base);
    CHECK(arena_begin(1) == arena_base + page_size);
    CHECK(arena_begin(arena_size / 2 / page_size) == arena_base); // 32 bits of entropy
    CHECK(arena_begin(~std::uint64_t{0}) == arena_base + (arena_size / 2 - page_size));
    const VirtAddr begin = arena().begin();
    CHECK(is_aligned(begin.value, page_size));
    CHECK(begin >= arena_base);
    CHECK(begin < arena_base + arena_size / 2);
    CHECK((begin == arena_base) == nokaslr());
    const auto range = arena().reserve(page_size);
    REQUIRE(range);
    CHECK(range->begin() >= begin);
    CHECK(range->begin() < begin + arena_size / 2);
}

TEST_CASE("the symbol table and the relocated pointers agree with where the image is") {
    char text[120];
    BufferWriter writer{text};
    core::symbols::write_address(writer, VirtAddr::of(reinterpret_cast<const void*>(&image_slide)));
    CHECK(writer.text() == "core::boot::image_slide+0x0");
    // A pointer that the linker stored, moved by a relocation, and one that the program counter gives.
    static std::uint64_t (*volatile stored)(std::uint64_t, std::uint64_t) = image_slide;
    const VirtAddr moved = VirtAddr::of(reinterpret_cast<const void*>(stored));
    CHECK(moved >= image_text().begin);
    CHECK(moved < image_text().end);
}

} // namespace
} // namespace heddle::test
