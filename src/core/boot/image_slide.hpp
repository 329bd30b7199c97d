// SPDX-License-Identifier: BSD-2-Clause
// Where the image runs: drawn anew at each boot, unless the command line says `nokaslr`.
#pragma once

#include "core/boot/boot_info.hpp"

#include <cstdint>

namespace heddle::core::boot {

/// How far from memory::image_base an image of `size` bytes shall run, modulo 2^64, for the random number
/// `random`: to a multiple of memory::image_alignment in memory::image_region, with a gap of at least as much
/// on both sides. All places are equally likely.
std::uint64_t image_slide(std::uint64_t random, std::uint64_t size);

/// The slide for this boot: takes the command line and the seed from boot_info or, where they are empty, from
/// the description sources, stirs the seed into machine::random(), sets boot_info.random_layout. 0 with
/// `nokaslr`.
///
/// Called by the machine's entry code on the boot CPU, early page tables, image at image_base as linked.
std::uint64_t choose_image_slide(BootInfo& boot_info);

/// Maps the image in the active early tables at `slide` from image_base as well, 2 MiB for 2 MiB with the
/// tables that map it at image_base. Context as choose_image_slide(); the direct map holds the tables.
void map_image_at_slide(const BootInfo& boot_info, std::uint64_t slide);

/// How far from where it was linked the image runs now.
std::uint64_t current_slide();

} // namespace heddle::core::boot
