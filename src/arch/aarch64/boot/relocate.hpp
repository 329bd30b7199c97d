// SPDX-License-Identifier: BSD-2-Clause
// The image's own relocation, before anything uses an address that is stored in it.
#pragma once

#include <cstdint>
#include <span>

namespace heddle::aarch64 {

/// Adds `slide` to every address that the RELR table `entries` names by its place at link time.
void apply_relative_relocations(std::span<const std::uint64_t> entries, std::uint64_t slide);

/// Adds the distance between where the image runs and where it was linked to every address that it holds.
/// Once; writes to the part that becomes read-only.
void relocate_image();

} // namespace heddle::aarch64
