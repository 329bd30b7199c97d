// SPDX-License-Identifier: BSD-2-Clause
// The firmware's last word on memory.
#pragma once

#include "boot/efi.hpp"
#include "boot/handoff.hpp"

namespace heddle::aarch64 {

/// Ends the boot services and enters RAM as they left it into `handoff`. After an error the console still
/// works.
efi::Status end_boot_services(efi::Handle image, efi::SystemTable& system, Handoff& handoff);

} // namespace heddle::aarch64
