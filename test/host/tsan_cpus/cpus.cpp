// SPDX-License-Identifier: BSD-2-Clause
// Interrupts between threads, and sync points at which each thread may be overtaken.
#include "cpus.hpp"

#include "core/cpu/cross_call.hpp"
#include "core/interrupt/context.hpp"
#include "core/machine/processors.hpp"
#include "core/test_hooks/sync_point.hpp"

#include <array>
#include <cstdio>

namespace heddle {
namespace {

std::array<std::atomic<bool>, CpuId::limit> pending{};
std::atomic<bool> something_wrong{false};

} // namespace

// Relaxed throughout: an interrupt by itself hands no memory over, so that only the order of the files under
// test does.
void machine::notify(CpuSet targets, Notification) {
    for (const CpuId target : targets) {
        pending[target.value].store(true, std::memory_order_relaxed);
    }
}

void machine::host::deliver() {
    if (!interrupts || pointer == 0) {
        return;
    }
    std::atomic<bool>& mine = pending[core::cpu::current().id.value];
    while (mine.load(std::memory_order_relaxed)) {
        mine.store(false, std::memory_order_relaxed);
        interrupts = false;
        {
            const core::interrupt::ContextGuard context;
            core::cpu::handle_cross_calls();
        }
        interrupts = true;
    }
}

void machine::host::yield() {
    std::this_thread::yield();
}

constinit std::atomic<std::uint32_t> core::test_hooks::detail::traps_set{1};

/// Every sync point is a place where the other side may get ahead.
void core::test_hooks::detail::reach(std::string_view) {
    thread_local std::uint32_t visits = 0;
    test::at_sync_point(++visits);
    if (visits % 3 == 0) {
        std::this_thread::yield();
    }
}

void test::violation(const char* what) {
    if (!something_wrong.exchange(true, std::memory_order_relaxed)) {
        std::fprintf(stderr, "violation: %s\n", what);
    }
}

bool test::violated() {
    return something_wrong.load(std::memory_order_relaxed);
}

} // namespace heddle
