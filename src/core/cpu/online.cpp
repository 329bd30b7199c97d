// SPDX-License-Identifier: BSD-2-Clause
// The set of CPUs that take part.
#include "core/cpu/online.hpp"

#include <atomic>

namespace heddle::core::cpu {
namespace {

constinit std::atomic<std::uint64_t> bits{CpuSet::of(CpuId{0}).bits()};

} // namespace

CpuSet online() {
    // Acquire: pairs with the release in add_online(), so that the CPU's data are seen as it set them up.
    return CpuSet::from_bits(bits.load(std::memory_order_acquire));
}

std::uint32_t online_count() {
    return online().count();
}

void detail::add_online(CpuId cpu) {
    // Release: pairs with the acquire in online(). That a CPU which is missed here misses nothing itself is
    // up to the full fence that its come_back() executes next.
    bits.fetch_or(CpuSet::of(cpu).bits(), std::memory_order_release);
}

} // namespace heddle::core::cpu
