// SPDX-License-Identifier: BSD-2-Clause
// The appliance's surroundings, for tests that need the booted machine: archive, command line, console, real
// clock.
#pragma once

#include "core/env.hpp"

namespace heddle::test {

/// The Env that the test image was started with. Runner's thread.
Env& env();

namespace detail {

void set_env(Env& env);

} // namespace detail
} // namespace heddle::test
