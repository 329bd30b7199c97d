// SPDX-License-Identifier: BSD-2-Clause
// CPUs that hang with interrupts off are stopped by NMI, so that the report has their backtraces.
#include "test/core/watchdog/hang.hpp"
#include "test/floor/floor.hpp"

namespace heddle::test {
namespace {

TEST_SUITE_BEGIN("arch/amd64");

TEST_CASE(
    "a CPU that hangs with interrupts off is reported, and one that waits for its lock" *
    expect_panic("watchdog: CPU 1 has taken no interrupt for |CPU 1, backtrace:|hang_with_interrupts_off+"
                 "|holds a spinlock of rank |CPU 2, backtrace:|wait_for_the_lock+"
                 "|waits for a spinlock of rank |held by CPU 1 since test::hang_with_interrupts_off")) {
    hang_two_cpus();
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
