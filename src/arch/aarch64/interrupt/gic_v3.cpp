// SPDX-License-Identifier: BSD-2-Clause
// The distributor's side: lines that are opened, shut and raised, and taking what is pending.
#include "interrupt/gic_v3.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/log/log.hpp"
#include "core/memory/arena.hpp"
#include "cpu/features.hpp"
#include "interrupt/gic_reset.hpp"
#include "lib/bits.hpp"

namespace heddle::aarch64 {

using core::interrupt::InterruptId;
using core::interrupt::Polarity;
using core::interrupt::Trigger;

namespace {

/// The part of an affinity that the CPUs which one write of ICC_SGI1R_EL1 can reach have in common: all but
/// the low four bits of Aff0.
constexpr std::uint64_t group_of(std::uint64_t affinity) {
    return affinity & ~std::uint64_t{0xf};
}

/// The fields of ICC_SGI1R_EL1 that name a group, 12.2.11 of IHI 0069H: Aff3, the range selector, Aff2, Aff1.
constexpr std::uint64_t sgi_group(std::uint64_t affinity) {
    return bits(affinity, 39, 32) << 48 | bits(affinity, 7, 4) << 44 | bits(affinity, 23, 16) << 32 |
           bits(affinity, 15, 8) << 16;
}

} // namespace

Result<void> GicV3::initialise(const core::boot::InterruptControllerDescription& description) {
    if (!cpu_features.gic_registers) {
        core::log::error("GICv3: this CPU has no system registers for it");
        return fail(Error::not_supported);
    }
    distributor_ = TRY(core::memory::map_device(description.distributor, gic::frame_size)).leak();
    return reset_distributor();
}

Result<void> GicV3::reset_distributor() {
    gic::write32(distributor_, gic::Distributor::control, 0, 0);
    TRY(gic::wait_until_clear(distributor_, gic::Distributor::control, gic::control_write_pending));
    const std::uint32_t type = gic::read32(distributor_, gic::Distributor::type);
    limit_ = std::min((type % 32 + 1) * 32, gic::first_special_interrupt);
    gic::shut_all(distributor_, gic::first_shared_interrupt, limit_, gic::Group::one);
    gic::write32(distributor_, gic::Distributor::control, 0, gic::control_affinity_routing);
    TRY(gic::wait_until_clear(distributor_, gic::Distributor::control, gic::control_write_pending));
    gic::write32(distributor_, gic::Distributor::control, 0,
                 gic::control_affinity_routing | gic::control_enable_group1);
    return gic::wait_until_clear(distributor_, gic::Distributor::control, gic::control_write_pending);
}

VirtAddr GicV3::frame_of(std::uint32_t interrupt, CpuId target) const {
    return interrupt < gic::first_shared_interrupt
               ? core::cpu::local(target).machine.redistributor + gic::frame_size
               : distributor_;
}

Result<void> GicV3::enable(InterruptId interrupt, Trigger trigger, Polarity, CpuId target) {
    const std::uint32_t number = interrupt.value;
    if (number >= limit_) {
        return fail(Error::out_of_range);
    }
    const core::sync::SpinlockGuard guard{lock_};
    const VirtAddr frame = frame_of(number, target);
    if (number >= gic::first_private_device_interrupt) {
        gic::configure(frame, number, trigger);
    }
    if (number >= gic::first_shared_interrupt) {
        gic::write64(frame, gic::Distributor::router, number, core::cpu::local(target).machine.affinity);
    }
    gic::write32(frame, gic::Array::set_enable, number / 32, gic::bit_of(number));
    return {};
}

void GicV3::disable(InterruptId interrupt) {
    const VirtAddr frame = frame_of(interrupt.value, core::cpu::current().id);
    gic::write32(frame, gic::Array::clear_enable, interrupt.value / 32, gic::bit_of(interrupt.value));
    const auto offset =
        interrupt.value < gic::first_shared_interrupt ? VirtAddr{frame - gic::frame_size} : frame;
    const bool shared = interrupt.value >= gic::first_shared_interrupt;
    // Until the write is through, the interrupt may still come.
    const auto done =
        gic::wait_until_clear(offset, gic::Distributor::control,
                              shared ? gic::control_write_pending : gic::redistributor_write_pending);
    if (!done) {
        core::log::error("GICv3: interrupt {} does not close", interrupt.value);
    }
}

Result<void> GicV3::raise(InterruptId interrupt) {
    if (interrupt.value >= limit_) {
        return fail(Error::out_of_range);
    }
    const VirtAddr frame = frame_of(interrupt.value, core::cpu::current().id);
    gic::write32(frame, gic::Array::set_pending, interrupt.value / 32, gic::bit_of(interrupt.value));
    data_barrier();
    return {};
}

void GicV3::handle_pending() {
    const std::uint32_t interrupt = gic::acknowledge();
    if (interrupt < sgi_count) {
        handle_sgi(Sgi(interrupt));
    } else if (interrupt < gic::first_special_interrupt) {
        core::interrupt::dispatch(InterruptId{interrupt});
    } else {
        return;
    }
    gic::end_of_interrupt(interrupt);
}

void GicV3::send(CpuSet targets, Sgi sgi) {
    asm volatile("dsb ishst" ::: "memory"); // what was stored is seen before the interrupt
    while (!targets.empty()) {
        const std::uint64_t affinity = core::cpu::local(*targets.begin()).machine.affinity;
        std::uint64_t list = 0;
        for (const CpuId cpu : targets) {
            const std::uint64_t other = core::cpu::local(cpu).machine.affinity;
            if (group_of(other) == group_of(affinity)) {
                list |= 1ULL << (other & 0xf);
                targets = targets.without(cpu);
            }
        }
        gic::generate(sgi_group(affinity) | std::uint64_t{static_cast<std::uint8_t>(sgi)} << 24 | list);
    }
    instruction_barrier();
}

} // namespace heddle::aarch64
