// SPDX-License-Identifier: BSD-2-Clause
// bench/entry.hpp on aarch64. The interrupt is an SGI whose handler has nothing to do, sent to this CPU by
// one system register write and a barrier, which count, as do acknowledging it, seeing that there is no
// other, and completing it.
#include "bench/entry.hpp"

#include "core/component/wiring.hpp"
#include "core/machine/user.hpp"
#include "core/memory/layout.hpp"
#include "core/user/user_space.hpp"
#include "cpu/features.hpp"
#include "processor/notify.hpp"

#include <cstring>

namespace heddle::bench {
namespace {

constexpr VirtAddr programs{0x40'0000};

constinit core::user::UserSpace* user_space = nullptr;
constinit std::uint64_t interrupt_self = 0; ///< for ICC_SGI1R_EL1

Result<void> start(core::component::Wiring& wiring) {
    user_space = &wiring.get<core::user::UserSpace>();
    return {};
}

HEDDLE_COMPONENT(entry_bench_component){
    .name = "entry-bench",
    .provides = {},
    .needs = core::component::interfaces<core::user::UserSpace>,
    .start = start,
};

} // namespace

Result<VirtAddr> map_programs() {
    TRY(user_space->map(programs, page_size, core::user::Access::read_execute));
    const auto translation = TRY(user_space->translate(programs));
    std::memcpy(core::memory::to_virtual(translation.address).as<char>(), heddle_bench_programs,
                static_cast<std::size_t>(heddle_bench_programs_end - heddle_bench_programs));
    machine::synchronise_instructions(programs, page_size);
    return programs;
}

void unmap_programs() {
    static_cast<void>(user_space->unmap(programs, page_size));
}

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
