// SPDX-License-Identifier: BSD-2-Clause
// The image's relocation of itself, when it runs elsewhere than linked.
#pragma once

#include <cstdint>
#include <span>

namespace heddle::amd64 {

/// Adds `slide` to every pointer that the RELR table `entries` names by its address at link time.
void apply_relative_relocations(std::span<const std::uint64_t> entries, std::uint64_t slide);

/// Adds the distance between where the image runs and where it was linked to every pointer of its RELR table.
/// Does nothing when they agree. Once, before anything reads a constant pointer; writes to the part that
/// becomes read-only.
void relocate_image();

} // namespace heddle::amd64
