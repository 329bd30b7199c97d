// SPDX-License-Identifier: BSD-2-Clause
// Cases that say that they cannot show anything here.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "test/floor/background.hpp"
#include "test/floor/floor.hpp"

#include <utility>

namespace heddle::test {
namespace {

constinit const char* skip_reason = nullptr;

} // namespace

void skip(const char* reason) {
    skip_reason = reason;
}

bool have_cpus(std::uint32_t count) {
    if (core::cpu::online_count() >= count) {
        return true;
    }
    skip("it takes more CPUs");
    return false;
}

bool others_sleep() {
    for (const CpuId cpu : core::cpu::online().without(core::cpu::current().id)) {
        if (!core::cpu::local(cpu).quiescence.away.load(std::memory_order_relaxed)) {
            return false;
        }
    }
    return true;
}

const char* detail::take_skip_reason() {
    return std::exchange(skip_reason, nullptr);
}

} // namespace heddle::test
