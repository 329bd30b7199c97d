// SPDX-License-Identifier: BSD-2-Clause
// The two 8259s of a PC, only to be silenced.
#pragma once

namespace heddle::amd64 {

/// Moves the 8259s' vectors away from the exceptions and masks every line. Once, interrupts off.
void silence_legacy_pics();

} // namespace heddle::amd64
