// SPDX-License-Identifier: BSD-2-Clause
// The stack protector's canary. The compiler places and checks it; this gives it its value.
#pragma once

namespace heddle::core::runtime {

/// Draws the canary from machine::random(). Called once, by the function that never returns: frames that
/// already hold the old value must not be left any more. Boot CPU, before the image's read-only-after-init
/// part is sealed.
void randomise_stack_guard();

} // namespace heddle::core::runtime
