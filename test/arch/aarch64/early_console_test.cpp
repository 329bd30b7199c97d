// SPDX-License-Identifier: BSD-2-Clause
// The console that boot begins with, in the final page tables: what panics before the console is described,
// or has its place in the arena, is printed there.
#include "boot/early_console.hpp"
#include "core/console/uart_driver.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/layout.hpp"
#include "core/panic.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("the early console's registers are where the early page tables had them, and end with their page") {
    const VirtAddr registers = core::memory::to_virtual(aarch64::early_console_base);
    CHECK(machine::probe_read(registers + 0x18).has_value()); // flags
    CHECK_FALSE(machine::probe_read(registers + page_size).has_value());
    CHECK_FALSE(machine::probe_execute(registers).has_value());
}

TEST_CASE("a panic by the early console on the final page tables is printed" *
          expect_panic("by the early console")) {
    const auto attached = core::console::attach_early(
        {.kind = core::boot::ConsoleKind::pl011, .base = aarch64::early_console_base.value});
    core::panic("{}", attached ? "by the early console" : "there is none");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
