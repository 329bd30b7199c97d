// SPDX-License-Identifier: BSD-2-Clause
// No traps here.
#pragma once

namespace heddle::machine {

struct TrapFrame {};

} // namespace heddle::machine
