// SPDX-License-Identifier: BSD-2-Clause
// bench/entry.hpp on amd64. The interrupt is raised by INT, which counts; the local APIC knows nothing of it,
// so there is nothing to acknowledge.
#include "bench/entry.hpp"

#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "lib/manual.hpp"
#include "trap/trap.hpp"

#include <cstring>

namespace heddle::bench {
namespace {

constexpr VirtAddr programs{0x40'0000};
constexpr std::uint8_t vector = 241; ///< nobody's, see interrupt/vectors.hpp

constinit Manual<core::memory::FrameBlock> page;

} // namespace

Result<VirtAddr> map_programs() {
    constexpr core::memory::Permissions permissions{.access = core::memory::Access::read_execute,
                                                    .privilege = core::memory::Privilege::user};
    auto block = TRY(core::memory::FrameBlock::allocate(0));
    const PhysAddr address = block.frame().address();
    std::memcpy(core::memory::to_virtual(address).as<char>(), heddle_bench_programs,
                static_cast<std::size_t>(heddle_bench_programs_end - heddle_bench_programs));
    TRY(core::memory::kernel_map().map(programs, address, page_size, permissions));
    page.construct(std::move(block));
    return programs;
}

void unmap_programs() {
    static_cast<void>(core::memory::kernel_map().unmap(programs, page_size));
    page.destroy();
}

void connect_interrupt() {
    amd64::set_vector_handler(vector, [](std::uint8_t) {});
}

void disconnect_interrupt() {
    amd64::set_vector_handler(vector, nullptr);
}

void take_interrupt() {
    asm volatile("int %0" : : "i"(vector) : "memory");
}

} // namespace heddle::bench
