// SPDX-License-Identifier: BSD-2-Clause
// The image's own relocation, before anything uses an address that is stored in it.
#pragma once

#include <cstdint>

namespace heddle::aarch64 {

/// Adds `slide` (where the image runs, less where it was linked) to every address that the image holds. Once.
void relocate(std::uint64_t slide);

} // namespace heddle::aarch64
