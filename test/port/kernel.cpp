// SPDX-License-Identifier: BSD-2-Clause
// The kernel's side of the bridge to doctest's implementation.
#include "core/console/console.hpp"
#include "core/panic.hpp"
#include "test/floor/environment.hpp"
#include "test/port/bridge.hpp"

#include <cstring>

namespace heddle::test::port {

unsigned long microseconds() {
    return env().now().value / 1000;
}

bool debugger_active() {
    return false;
}

void write(const char* text, unsigned long length) {
    env().console().write({text, length});
}

void fatal(const char* message) {
    core::panic("{}", message);
}

} // namespace heddle::test::port
