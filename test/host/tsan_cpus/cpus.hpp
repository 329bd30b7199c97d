// SPDX-License-Identifier: BSD-2-Clause
// Running threads as CPUs.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "test/floor/random.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace heddle::test {

inline constexpr std::uint32_t cpu_count = 3;

/// Says that something is wrong, once; every loop ends soon then.
void violation(const char* what);
bool violated();

/// What the hardware does by itself when a CPU comes to a sync point: each program's own.
void at_sync_point(std::uint32_t visit);

/// Runs `function(random)` on CPUs 0 … cpu_count - 1, each a thread with a generator of its own, and returns
/// when all have ended. While one still works, the others serve interrupts and stay away.
template <class Function>
void on_each_cpu(Function function) {
    std::vector<std::thread> threads;
    std::atomic<std::uint32_t> working{cpu_count};
    const std::uint64_t seed = random().next();
    for (std::uint32_t i = 0; i < cpu_count; ++i) {
        core::cpu::local(CpuId{i}).id = CpuId{i};
        core::cpu::detail::add_online(CpuId{i});
    }
    for (std::uint32_t i = 0; i < cpu_count; ++i) {
        threads.emplace_back([=, &working] {
            machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&core::cpu::local(CpuId{i})));
            Random draw{seed + i};
            function(draw);
            // Acquire and release: what each CPU did is done when the last one leaves.
            working.fetch_sub(1, std::memory_order_acq_rel);
            while (working.load(std::memory_order_acquire) != 0) {
                machine::pause();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

} // namespace heddle::test
