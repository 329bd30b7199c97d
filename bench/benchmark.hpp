// SPDX-License-Identifier: BSD-2-Clause
// What a benchmark is, and how one counts: in instructions, under `qemu -icount shift=0` where a cycle count
// is that.
#pragma once

#include "core/component/wiring.hpp"
#include "core/env.hpp"
#include "machine/cpu.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace heddle::bench {

/// One figure. `constinit const` in the linker section `.benchmarks` (HEDDLE_BENCHMARK).
struct Benchmark {
    std::string_view name;              ///< snake_case, stable for good: bench/baseline.json keeps it
    Result<std::uint64_t> (*measure)(); ///< instructions per operation
};

/// Instructions of one call of `operation`, as the mean of `repetitions` calls, without the loop around them.
/// Warms up first, so that caches are as full as they stay.
template <class Operation>
std::uint64_t instructions_per_call(Operation operation, std::uint64_t repetitions = 4096) {
    const auto cycles_of = [repetitions](auto body) {
        const std::uint64_t begin = machine::cycle_count();
        for (std::uint64_t i = 0; i < repetitions; ++i) {
            body();
            asm volatile("" : : : "memory");
        }
        return machine::cycle_count() - begin;
    };
    for (int i = 0; i < 64; ++i) {
        operation();
    }
    const std::uint64_t with = cycles_of(operation);
    const std::uint64_t without = cycles_of([] {});
    return (with - without) * machine::instructions_per_cycle_count / repetitions;
}

} // namespace heddle::bench

#define HEDDLE_BENCHMARK(identifier)                                                                         \
    [[gnu::section(".benchmarks"), gnu::used,                                                                \
      gnu::retain]] constinit const ::heddle::bench::Benchmark identifier
