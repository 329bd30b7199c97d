// SPDX-License-Identifier: BSD-2-Clause
// Each CPU gives back its own, since only it may touch its caches. Whoever is the last to empty a slab gives
// that back, too, so the order does not matter.
#include "core/memory/reclaim.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/object_cache.hpp"

#include <algorithm>

namespace heddle::core::memory {
namespace {

void reclaim_own() {
    reclaim_caches();
    frames().drain_cache();
}

/// Whether `cpu` has anything at hand. A guess while it is in use, like what it would give back a moment
/// later.
bool keeps_some(const cpu::CpuLocal& cpu) {
    return cpu.frames.count.load(std::memory_order_relaxed) != 0 ||
           std::ranges::any_of(cpu.magazines.loaded, [](const std::atomic<Magazine*>& magazine) {
               return magazine.load(std::memory_order_relaxed) != nullptr;
           });
}

/// The others that keep some. Interrupts on.
CpuSet others() {
    CpuSet result;
    for (const CpuId id : cpu::online()) {
        const cpu::CpuLocal& each = cpu::local(id);
        result = &each != &cpu::current() && keeps_some(each) ? result.with(id) : result;
    }
    return result;
}

} // namespace

void reclaim() {
    reclaim_own();
    if (!machine::interrupts_enabled()) {
        return;
    }
    if (const CpuSet targets = others(); !targets.empty()) {
        cpu::call(targets, [](void*) { reclaim_own(); }, nullptr);
    }
}

} // namespace heddle::core::memory
