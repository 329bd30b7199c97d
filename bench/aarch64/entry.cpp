// SPDX-License-Identifier: BSD-2-Clause
// bench/entry.hpp on aarch64. The interrupt is an SGI whose handler has nothing to do, sent to this CPU by
// one system register write and a barrier, which count, as do acknowledging it, seeing that there is no
// other, and completing it.
#include "bench/entry.hpp"

#include "cpu/features.hpp"
#include "processor/notify.hpp"

namespace heddle::bench {
namespace {

constinit std::uint64_t interrupt_self = 0; ///< for ICC_SGI1R_EL1

} // namespace

void connect_interrupt() {
    const std::uint64_t affinity = aarch64::read_affinity(); // the boot CPU's: Aff1 … Aff3 are 0
    interrupt_self =
        std::uint64_t{static_cast<std::uint8_t>(aarch64::Sgi::reschedule)} << 24 | 1ULL << (affinity & 0xf);
}

void disconnect_interrupt() {}

void take_interrupt() {
    asm volatile("msr S3_0_C12_C11_5, %0\n\tisb" ::"r"(interrupt_self) : "memory"); // ICC_SGI1R_EL1
}

} // namespace heddle::bench
