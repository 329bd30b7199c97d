// SPDX-License-Identifier: BSD-2-Clause
// Memory management as a whole: how boot brings it up, and when the image becomes read-only.
#pragma once

#include "core/boot/boot_info.hpp"

namespace heddle::core::memory {

/// Builds the final page tables, switches to them, and starts the frame allocator; afterwards everything in
/// this room works. Early page tables must cover the direct map of the image's GiB. Panics, naming the
/// figures, when there is too little memory to go on. Once, on the boot CPU, interrupts off.
///
/// The final tables map RAM and the image and nothing else: whoever talks to a device uses map_device() from
/// here on.
void bring_up(const boot::BootInfo& boot_info);

/// Where in its region the arena of a boot begins, for the random number `random`: at any page of the lower
/// half, so that as much follows as the arena uses.
VirtAddr arena_begin(std::uint64_t random);

/// Makes what boot wrote (READ_ONLY_AFTER_INIT, relocated pointers) read-only. Once, when the components have
/// started.
void seal();

} // namespace heddle::core::memory
