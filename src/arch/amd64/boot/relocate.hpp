// SPDX-License-Identifier: BSD-2-Clause
// The image's relocation of itself, when it runs elsewhere than linked.
#pragma once

#include <cstdint>

namespace heddle::amd64 {

/// Adds the distance between where the image runs and where it was linked to every pointer of its RELR table. Does
/// nothing when they agree. Once, before anything reads a constant pointer; writes to the part that becomes read-only.
void relocate_image();

} // namespace heddle::amd64
