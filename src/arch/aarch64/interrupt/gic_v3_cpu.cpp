// SPDX-License-Identifier: BSD-2-Clause
// One CPU's side of the GICv3: its redistributor, found by walking the frames, and its interface.
#include "core/cpu/cpu_local.hpp"
#include "core/memory/arena.hpp"
#include "interrupt/gic_reset.hpp"
#include "interrupt/gic_v3.hpp"

namespace heddle::aarch64 {
namespace {

/// A redistributor's two frames.
constexpr std::size_t redistributor_size = 2 * gic::frame_size;

/// The affinity fields packed into 32 bits, as GICR_TYPER has them.
constexpr std::uint32_t packed(std::uint64_t affinity) {
    return static_cast<std::uint32_t>(affinity >> 32 << 24 | (affinity & 0xff'ffff));
}

/// GICR_TYPER of the redistributor at `base`.
Result<std::uint64_t> read_type(PhysAddr base) {
    const auto mapping = TRY(core::memory::map_device(base, page_size));
    return gic::read64(mapping.address(), gic::Redistributor::type);
}

Result<PhysAddr> search(const core::boot::InterruptControllerDescription& description, std::uint32_t wanted) {
    std::uint64_t offset = 0;
    while (description.redistributors_size >= offset + redistributor_size) {
        const PhysAddr base = description.redistributors + offset;
        const std::uint64_t type = TRY(read_type(base));
        if (type >> 32 == wanted) {
            return base;
        }
        if ((type & gic::type_last) != 0) {
            break;
        }
        offset += (type & gic::type_virtual_lpis) != 0 ? 2 * redistributor_size : redistributor_size;
    }
    return fail(Error::not_found);
}

Result<void> wake(VirtAddr redistributor) {
    const std::uint32_t waker = gic::read32(redistributor, gic::Redistributor::waker);
    gic::write32(redistributor, gic::Redistributor::waker, 0, waker & ~gic::waker_processor_sleep);
    return gic::wait_until_clear(redistributor, gic::Redistributor::waker, gic::waker_children_asleep);
}

/// Lets interrupts of every priority through to this CPU. A write of the end-of-interrupt register ends all
/// of one.
void open_cpu_interface() {
    constexpr std::uint64_t system_registers = 1;
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_5,
                          READ_SYSTEM_REGISTER(S3_0_C12_C12_5) | system_registers); // ICC_SRE_EL1
    instruction_barrier();
    WRITE_SYSTEM_REGISTER(S3_0_C4_C6_0, 0xff); // ICC_PMR_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_3, 0);  // ICC_BPR1_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_4, 0);  // ICC_CTLR_EL1
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_7, 1);  // ICC_IGRPEN1_EL1
    instruction_barrier();
}

} // namespace

Result<VirtAddr> GicV3::find_redistributor(const core::boot::BootInfo& boot_info, std::uint64_t affinity) {
    for (const core::boot::CpuDescription& cpu : boot_info.cpus) {
        if (cpu.hardware_id == affinity && cpu.redistributor != PhysAddr{}) {
            return TRY(core::memory::map_device(cpu.redistributor, redistributor_size)).leak();
        }
    }
    const PhysAddr base = TRY(search(boot_info.interrupts, packed(affinity)));
    return TRY(core::memory::map_device(base, redistributor_size)).leak();
}

Result<void> GicV3::initialise_cpu(const core::boot::BootInfo& boot_info) {
    boot_info_ = &boot_info;
    machine::CpuData& cpu = core::cpu::current().machine;
    const VirtAddr redistributor = TRY(find_redistributor(boot_info, cpu.affinity));
    TRY(wake(redistributor));
    gic::shut_all(redistributor + gic::frame_size, 0, gic::first_shared_interrupt, gic::Group::one);
    TRY(gic::wait_until_clear(redistributor, gic::Redistributor::control, gic::redistributor_write_pending));
    gic::write32(redistributor + gic::frame_size, gic::Array::set_enable, 0, (1U << sgi_count) - 1);
    cpu.redistributor = redistributor;
    open_cpu_interface();
    return {};
}

} // namespace heddle::aarch64
