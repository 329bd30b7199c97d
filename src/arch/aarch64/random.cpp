// SPDX-License-Identifier: BSD-2-Clause
// Random numbers before there is a driver for any: the CPU's own where it has them, else the jitter of its
// counter.
#include "core/machine/machine.hpp"
#include "cpu/features.hpp"
#include "machine/cpu.hpp"

#include <atomic>

namespace heddle::machine {
namespace {

/// SplitMix64's output function (Steele, Lea, Flood 2014): spreads what little is in `value` over all bits.
std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9;
    value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11eb;
    return value ^ (value >> 31);
}

/// RNDR, which sets Z when it has nothing (Arm ARM, RNDR); 0 then.
std::uint64_t instruction_random() {
    for (unsigned attempt = 0; attempt < 8; ++attempt) {
        std::uint64_t value;
        std::uint64_t worked;
        asm volatile("mrs %0, S3_3_C2_C4_0\n\tcset %1, ne" : "=r"(value), "=r"(worked)::"cc");
        if (worked != 0) {
            return value;
        }
    }
    return 0;
}

/// The counter's low bits after each of some rounds whose length depends on the last one's.
std::uint64_t counter_jitter() {
    std::uint64_t collected = cycle_count();
    for (unsigned round = 0; round < 16; ++round) {
        for (std::uint64_t i = mix(collected) & 15; i != 0; --i) {
            pause();
        }
        collected = (collected << 3 | collected >> 61) ^ cycle_count();
    }
    return collected;
}

/// What all earlier numbers have left behind.
constinit std::atomic<std::uint64_t> state{0x9e37'79b9'7f4a'7c15};

} // namespace

std::uint64_t random() {
    const std::uint64_t fresh =
        aarch64::cpu_features.random ? instruction_random() ^ cycle_count() : counter_jitter();
    // Relaxed: what counts is that no two calls get the same state, not what they see of other memory.
    const std::uint64_t earlier = state.fetch_add(mix(fresh) | 1, std::memory_order_relaxed);
    return mix(earlier ^ fresh);
}

void stir(std::uint64_t seed) {
    // Relaxed: as in random().
    state.fetch_add(mix(seed), std::memory_order_relaxed);
}

} // namespace heddle::machine
