// SPDX-License-Identifier: BSD-2-Clause
// Which function an address lies in, on the target, from the table that tools/symbols.py puts into the image.
#pragma once

#include "core/symbols/table.hpp"

namespace heddle::core::symbols {

/// The table of this image; empty in the first of its two links.
Table image_table();

/// Writes `function+0x12`, or the bare address where nothing is known. Any context, no allocation.
void write_address(Writer& writer, VirtAddr address);

/// As write_address(), for the address that a call returns to: names the caller also where the call is its
/// last instruction.
void write_return_address(Writer& writer, VirtAddr address);

} // namespace heddle::core::symbols
