// SPDX-License-Identifier: BSD-2-Clause
// bench/entry.hpp on aarch64. The interrupt is an SGI whose handler has nothing to do, sent to this CPU by
// one system register write and a barrier, which count, as do acknowledging it, seeing that there is no
// other, and completing it.
#include "bench/entry.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/machine/user.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "lib/manual.hpp"
#include "offsets.h"
#include "trap/trap.hpp"

#include <cstring>

namespace heddle::bench {
namespace {

using core::memory::FrameBlock;

constexpr VirtAddr programs{0x40'0000};
constexpr std::uint64_t closed = 1ULL << TCR_EPD0_SHIFT;

/// Programs' half with one page in it.
struct Half {
    FrameBlock root;
    FrameBlock page;
    core::memory::KernelMap map;
};

constinit Manual<Half> half;
constinit std::uint64_t interrupt_self = 0; ///< for ICC_SGI1R_EL1

Result<void> fill(Half& made) {
    constexpr core::memory::Permissions permissions{.access = core::memory::Access::read_execute,
                                                    .privilege = core::memory::Privilege::user};
    const PhysAddr root = made.root.frame().address();
    TRY(made.map.create({root, root + page_size}));
    made.map.use_frames();
    const PhysAddr page = made.page.frame().address();
    std::memcpy(core::memory::to_virtual(page).as<char>(), heddle_bench_programs,
                static_cast<std::size_t>(heddle_bench_programs_end - heddle_bench_programs));
    return made.map.map(programs, page, page_size, permissions);
}

} // namespace

Result<VirtAddr> map_programs() {
    auto root = TRY(FrameBlock::allocate(0));
    auto page = TRY(FrameBlock::allocate(0));
    half.construct(std::move(root), std::move(page));
    TRY(fill(*half));
    WRITE_SYSTEM_REGISTER(ttbr0_el1, half->map.root().value);
    WRITE_SYSTEM_REGISTER(tcr_el1, READ_SYSTEM_REGISTER(tcr_el1) & ~closed);
    aarch64::instruction_barrier();
    machine::synchronise_instructions(programs, page_size);
    return programs;
}

void unmap_programs() {
    WRITE_SYSTEM_REGISTER(tcr_el1, READ_SYSTEM_REGISTER(tcr_el1) | closed);
    machine::PageTable::invalidate_all();
    static_cast<void>(half->map.unmap(programs, page_size));
    half.destroy();
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
