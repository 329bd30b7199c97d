// SPDX-License-Identifier: BSD-2-Clause
// An operation under every possible lack of memory: the k-th allocation fails, for every k until none fails.
#pragma once

#include "core/memory/fault_injection.hpp"

#include <doctest/doctest.h>

namespace heddle::test {

/// Runs `operation` (no arguments; returns a Result and leaves nothing behind either way) with each of its
/// allocations failing in turn, and checks each time that an error is reported and that every live counter is
/// back; then once with none failing, which must succeed. Returns how many allocations it has. The tests' own
/// std containers never fail.
template <class Operation>
std::uint64_t check_each_failing_allocation(Operation operation) {
    const auto sweep = core::memory::fault_injection::for_each_failing_allocation(operation);
    INFO("after ", sweep.failures, " failed allocations; first counter off: ", sweep.leaked);
    CHECK(sweep.leaks == 0);
    CHECK(sweep.silent == 0);
    CHECK(sweep.succeeded);
    return sweep.failures;
}

} // namespace heddle::test
