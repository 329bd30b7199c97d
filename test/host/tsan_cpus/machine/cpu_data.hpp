// SPDX-License-Identifier: BSD-2-Clause
// The host's part of CpuLocal: nothing.
#pragma once

namespace heddle::machine {

struct CpuData {};

} // namespace heddle::machine
