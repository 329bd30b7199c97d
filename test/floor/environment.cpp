// SPDX-License-Identifier: BSD-2-Clause
// The run's surroundings.
#include "test/floor/environment.hpp"

#include "core/panic.hpp"

namespace heddle::test {
namespace {

constinit Env* the_env = nullptr;

} // namespace

Env& env() {
    if (the_env == nullptr) {
        core::panic("test::env() before the test image's appliance ran");
    }
    return *the_env;
}

namespace detail {

void set_env(Env& env) {
    the_env = &env;
}

} // namespace detail
} // namespace heddle::test
