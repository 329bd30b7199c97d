// SPDX-License-Identifier: BSD-2-Clause
// All other CPUs stand still for a block: nobody else logs, drains, or takes what the case has made ready.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "machine/cpu.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace heddle::test {

/// They spin in an interrupt handler: nothing in the block may wait for them (cross calls, unmapping). Thread
/// context, interrupts on when made.
class OthersHeld {
  public:
    OthersHeld() {
        const CpuSet others = core::cpu::online().without(core::cpu::current().id);
        for (const CpuId cpu : others) {
            core::cpu::post(cpu, calls_[cpu.value].emplace(hold, this));
        }
        // Acquire: pairs with the release in hold(), what they did before is done.
        while (held_.load(std::memory_order_acquire) != others.count()) {
            machine::pause();
        }
    }

    ~OthersHeld() {
        released_.store(true, std::memory_order_relaxed);
        for (auto& call : calls_) {
            while (call && !call->done()) {
                machine::pause();
            }
        }
    }

    OthersHeld(const OthersHeld&) = delete;
    OthersHeld& operator=(const OthersHeld&) = delete;

  private:
    static void hold(void* self) {
        auto& all = *static_cast<OthersHeld*>(self);
        // Release: pairs with the acquire in the constructor.
        all.held_.fetch_add(1, std::memory_order_release);
        while (!all.released_.load(std::memory_order_relaxed)) {
            machine::pause();
        }
    }

    std::array<std::optional<core::cpu::CrossCall>, CpuId::limit> calls_;
    std::atomic<std::uint32_t> held_{0};
    std::atomic<bool> released_{false};
};

} // namespace heddle::test
