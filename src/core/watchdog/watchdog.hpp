// SPDX-License-Identifier: BSD-2-Clause
// Finds CPUs that hang: each is to take an interrupt and to pass a quiescent point every so often, and a
// piece of work that says so is to end in time. Who does not ends the machine, with the state of every CPU.
#pragma once

#include "lib/units.hpp"

#include <string_view>

namespace heddle::core::watchdog {

/// Has every CPU that is online watched from now on, unless the option `watchdog=0` said otherwise. Boot
/// thread, when the components run and the CPUs are started.
void start();

/// How long a CPU may take no interrupt; it may go without a quiescent point for a quarter longer, and a
/// piece of work may take twice that, or what the option `work_limit` says. 0 switches the watchdog off, for
/// good. On the calling CPU in effect at once, on another after the period before. Thread context.
void set_limit(Nanoseconds limit);

/// The limit, 0 when off.
Nanoseconds limit();

/// From now until end_work() a piece of work goes on, one at a time, which `name` (it must live as long)
/// tells apart. Any context.
void begin_work(const char* name);
void end_work();

} // namespace heddle::core::watchdog
