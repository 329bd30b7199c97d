// SPDX-License-Identifier: BSD-2-Clause
// All of the GICv2. Its distributor's arrays are a GICv3's; targets, software-generated interrupts and the
// CPU interface are different.
#include "interrupt/gic_v2.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/memory/arena.hpp"
#include "core/panic.hpp"
#include "interrupt/gic_reset.hpp"
#include "lib/bits.hpp"

#include <algorithm>

namespace heddle::aarch64 {

using core::interrupt::InterruptId;
using core::interrupt::Polarity;
using core::interrupt::Trigger;

namespace {

/// IHI 0048B, 4.3.
enum class Distributor : std::uint16_t {
    control = 0x000,
    type = 0x004,
    targets = 0x800, ///< a byte for each interrupt
    generate = 0xf00,
};

/// 4.4.
enum class Interface : std::uint16_t {
    control = 0x00,
    priority_mask = 0x04,
    binary_point = 0x08,
    acknowledge = 0x0c,
    end_of_interrupt = 0x10,
};

constexpr std::uint32_t enable_bit = 1; ///< of both control registers
constexpr std::size_t distributor_size = 4_KiB;
constexpr std::size_t interface_size = 4_KiB;
constexpr std::uint32_t generate_for_self =
    2U << 24; ///< a filter of the register `generate`; 0: by its list of targets

/// The byte of `interrupt` in the targets' array.
volatile std::uint8_t& targets_of(VirtAddr distributor, std::uint32_t interrupt) {
    return (distributor + static_cast<std::uint64_t>(Distributor::targets))
        .as<volatile std::uint8_t>()[interrupt];
}

/// The calling CPU's bit, which the targets of its own interrupts show; 0 on a GIC of one CPU.
std::uint8_t read_target_bit(VirtAddr distributor) {
    std::uint8_t found = 0;
    for (std::uint32_t i = 0; i < gic::first_shared_interrupt; ++i) {
        found |= targets_of(distributor, i);
    }
    return found;
}

} // namespace

bool GicV2::is_uniprocessor() const {
    return cpus_ == 1;
}

Result<void> GicV2::initialise(const core::boot::InterruptControllerDescription& description) {
    distributor_ = TRY(core::memory::map_device(description.distributor, distributor_size)).leak();
    interface_ = TRY(core::memory::map_device(description.cpu_interface, interface_size)).leak();
    gic::write32(distributor_, Distributor::control, 0, 0);
    const std::uint32_t type = gic::read32(distributor_, Distributor::type);
    limit_ = std::min((type % 32 + 1) * 32, gic::first_special_interrupt);
    cpus_ = bits(type, 7, 5) + 1;
    gic::shut_all(distributor_, gic::first_shared_interrupt, limit_, gic::Group::zero);
    gic::write32(distributor_, Distributor::control, 0, enable_bit);
    return start_on_this_cpu();
}

Result<void> GicV2::start_on_this_cpu() {
    machine::CpuData& cpu = core::cpu::current().machine;
    cpu.target_bit = read_target_bit(distributor_);
    if (cpu.target_bit == 0 && !is_uniprocessor()) {
        return fail(Error::not_supported);
    }
    gic::shut_all(distributor_, 0, gic::first_shared_interrupt, gic::Group::zero);
    gic::write32(distributor_, gic::Array::set_enable, 0, (1U << sgi_count) - 1);
    gic::write32(interface_, Interface::priority_mask, 0, 0xff);
    gic::write32(interface_, Interface::binary_point, 0, 0);
    gic::write32(interface_, Interface::control, 0, enable_bit);
    data_barrier();
    return {};
}

Result<void> GicV2::enable(InterruptId interrupt, Trigger trigger, Polarity, CpuId target) {
    const std::uint32_t number = interrupt.value;
    if (number >= limit_) {
        return fail(Error::out_of_range);
    }
    const core::sync::SpinlockGuard guard{lock_};
    if (number >= gic::first_private_device_interrupt) {
        gic::configure(distributor_, number, trigger);
    }
    if (number >= gic::first_shared_interrupt) {
        targets_of(distributor_, number) = core::cpu::local(target).machine.target_bit;
    } else {
        HEDDLE_ASSERT(target == core::cpu::current().id);
    }
    gic::write32(distributor_, gic::Array::set_enable, number / 32, gic::bit_of(number));
    return {};
}

/// The architecture has no way to ask whether it has taken effect everywhere; reading back waits for the
/// distributor itself.
void GicV2::disable(InterruptId interrupt) {
    gic::write32(distributor_, gic::Array::clear_enable, interrupt.value / 32, gic::bit_of(interrupt.value));
    (void)gic::read32(distributor_, gic::Array::clear_enable, interrupt.value / 32);
    data_barrier();
}

Result<void> GicV2::raise(InterruptId interrupt) {
    const std::uint32_t number = interrupt.value;
    if (number >= limit_) {
        return fail(Error::out_of_range);
    }
    if (number < gic::first_private_device_interrupt) {
        gic::write32(distributor_, Distributor::generate, 0, generate_for_self | number);
    } else {
        gic::write32(distributor_, gic::Array::set_pending, number / 32, gic::bit_of(number));
    }
    data_barrier();
    return {};
}

void GicV2::handle_pending() {
    // Which CPU sent it is in the upper bits, and the end has to say so, too.
    const std::uint32_t acknowledged = gic::read32(interface_, Interface::acknowledge);
    const auto interrupt = static_cast<std::uint32_t>(bits(acknowledged, 9, 0));
    if (interrupt >= gic::first_special_interrupt) {
        return;
    }
    data_barrier(); // the acknowledgement is complete before the device is touched
    if (interrupt < sgi_count) {
        handle_sgi(Sgi(interrupt));
    } else {
        core::interrupt::dispatch(InterruptId{interrupt});
    }
    gic::write32(interface_, Interface::end_of_interrupt, 0, acknowledged);
}

void GicV2::send(CpuSet targets, Sgi sgi) {
    std::uint32_t list = 0;
    for (const CpuId cpu : targets) {
        list |= core::cpu::local(cpu).machine.target_bit;
    }
    const std::uint32_t whom = is_uniprocessor() ? generate_for_self : list << 16;
    asm volatile("dsb ishst" ::: "memory"); // what was stored is seen before the interrupt
    gic::write32(distributor_, Distributor::generate, 0, whom | static_cast<std::uint8_t>(sgi));
    data_barrier();
}

} // namespace heddle::aarch64
