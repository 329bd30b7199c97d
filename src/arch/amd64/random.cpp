// SPDX-License-Identifier: BSD-2-Clause
// Unforeseeable numbers: RDRAND where there is one, always mixed with the time-stamp counter's jitter.
#include "core/machine/machine.hpp"
#include "cpu/features.hpp"
#include "machine/cpu.hpp"
#include "machine/io.hpp"

#include <atomic>
#include <optional>

namespace heddle::machine {
namespace {

/// Every number depends on all before it. Relaxed throughout: only the value matters.
constinit std::atomic<std::uint64_t> pool{0};

/// A bijection that spreads every bit over all (the finaliser of splitmix64, Steele and others 2014).
constexpr std::uint64_t spread(std::uint64_t value) {
    value ^= value >> 30;
    value *= 0xbf58'476d'1ce4'e5b9;
    value ^= value >> 27;
    value *= 0x94d0'49bb'1331'11eb;
    return value ^ value >> 31;
}

/// RDRAND may run dry for a moment; Intel's guide asks for ten tries.
std::optional<std::uint64_t> hardware_random() {
    for (unsigned tries = 0; tries < 10; ++tries) {
        std::uint64_t value;
        bool valid;
        asm volatile("rdrand %0" : "=r"(value), "=@ccc"(valid));
        if (valid) {
            return value;
        }
    }
    return std::nullopt;
}

/// The time that accesses to a slow port take differs in its low bits from one to the next.
std::uint64_t jitter() {
    constexpr std::uint16_t unused_port = 0x80;
    std::uint64_t mixed = 0;
    for (unsigned round = 0; round < 16; ++round) {
        out8(unused_port, 0);
        mixed = spread(mixed + cycle_count());
    }
    return mixed;
}

} // namespace

std::uint64_t random() {
    std::uint64_t fresh = cycle_count();
    std::optional<std::uint64_t> drawn;
    if (amd64::features().rdrand) {
        drawn = hardware_random();
    }
    fresh += drawn ? *drawn : jitter();
    const std::uint64_t before = pool.fetch_add(spread(fresh), std::memory_order_relaxed);
    return spread(before + fresh);
}

void stir(std::uint64_t seed) {
    pool.fetch_add(spread(seed), std::memory_order_relaxed);
}

} // namespace heddle::machine
