// SPDX-License-Identifier: BSD-2-Clause
// CPUs that hang in ways the watchdog has to tell apart: for the machines' panic cases, whose reports differ.
#pragma once

namespace heddle::test {

/// CPU 1 takes a spinlock in a cross call and never comes back, interrupts off (hang_with_interrupts_off);
/// CPU 2 waits for that lock (wait_for_the_lock). Returns only when the watchdog sees nothing.
void hang_two_cpus();

} // namespace heddle::test
