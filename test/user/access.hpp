// SPDX-License-Identifier: BSD-2-Clause
// The booted machine's user space and deadlines, taken from the composition as any component would.
#pragma once

#include "core/time/deadlines.hpp"
#include "core/user/user_space.hpp"

namespace heddle::test {

core::user::UserSpace& user_space();
core::time::Deadlines& all_deadlines();

} // namespace heddle::test
