// SPDX-License-Identifier: BSD-2-Clause
// Where the image lies in physical memory.
#pragma once

#include "lib/units.hpp"

namespace heddle::aarch64 {

/// Records where the image lies, by asking the MMU. Once, on the early tables.
void find_image();

/// The physical address of `symbol`, something that is part of the image.
PhysAddr image_physical(const void* symbol);

} // namespace heddle::aarch64
