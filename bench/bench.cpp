// SPDX-License-Identifier: BSD-2-Clause
// The benchmark image's appliance: prints one line `#bench name figure` for each, which `./heddle bench`
// reads.
#include "bench/benchmark.hpp"

extern "C" {
extern const heddle::bench::Benchmark heddle_benchmarks_start[];
extern const heddle::bench::Benchmark heddle_benchmarks_end[];
}

namespace heddle {

int appliance_main(Env& env) {
    const std::uint64_t boot_cycles = machine::cycle_count() - env.boot_info().first_cycle;
    env.print("#bench boot_to_appliance {}\n", boot_cycles * machine::instructions_per_cycle_count);
    for (const auto& benchmark : std::span{heddle_benchmarks_start, heddle_benchmarks_end}) {
        const auto figure = benchmark.measure();
        if (!figure) {
            env.print("bench: {} failed: {}\n", benchmark.name, figure.error());
            return 1;
        }
        env.print("#bench {} {}\n", benchmark.name, *figure);
    }
    env.print("#bench done\n");
    return 0;
}

} // namespace heddle
