// SPDX-License-Identifier: BSD-2-Clause
// See the header.
#include "image_address.hpp"

#include "core/memory/image.hpp"

namespace heddle::aarch64 {
namespace {

READ_ONLY_AFTER_INIT constinit PhysAddr image_base;

} // namespace

void find_image() {
    std::uint64_t translation; // PAR_EL1
    asm volatile("at s1e1r, %1\n\tisb\n\tmrs %0, par_el1"
                 : "=r"(translation)
                 : "r"(heddle_image_start)
                 : "memory");
    image_base = PhysAddr{translation & 0x0000'ffff'ffff'f000};
}

PhysAddr image_physical(const void* symbol) {
    return image_base + (VirtAddr::of(symbol) - VirtAddr::of(heddle_image_start));
}

} // namespace heddle::aarch64
