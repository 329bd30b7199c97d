// SPDX-License-Identifier: BSD-2-Clause
// CPUs that hang with interrupts off cannot be stopped (processor/notify.cpp): the report has what their data
// say, the places of the locks they hold and wait for.
#include "test/core/watchdog/hang.hpp"
#include "test/floor/floor.hpp"

namespace heddle::test {
namespace {

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("a CPU that hangs with interrupts off is reported, and one that waits for its lock" *
          expect_panic("watchdog: CPU 1 has taken no interrupt for |CPU 1 does not stop"
                       "|holds a spinlock of rank |CPU 2 does not stop"
                       "|waits for a spinlock of rank |held by CPU 1 since test::hang_with_interrupts_off")) {
    hang_two_cpus();
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
