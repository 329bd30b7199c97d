// SPDX-License-Identifier: BSD-2-Clause
// The component `apic`: the local APIC and the I/O APICs as one interrupt controller.
#include "core/component/component.hpp"
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/interrupt/controller.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/sync/spinlock.hpp"
#include "interrupt/io_apic.hpp"
#include "interrupt/legacy_pic.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "processor/notify.hpp"
#include "trap/trap.hpp"

#include <array>
#include <atomic>

namespace heddle::amd64 {
namespace {

using core::boot::BootInfo;
using core::boot::InterruptOverride;
using core::interrupt::Controller;
using core::interrupt::InterruptId;
using core::interrupt::Polarity;
using core::interrupt::Trigger;

class Apic final : public Controller {
  public:
    Result<void> start(const BootInfo& boot_info) {
        boot_info_ = &boot_info;
        if (boot_info.interrupts.has_legacy_pics) {
            silence_legacy_pics();
        }
        TRY(local_apic().map(boot_info.interrupts.local_apic));
        local_apic().enable();
        set_notification_handlers();
        for (const auto& description : boot_info.interrupts.io_apics) {
            TRY(io_apics_[io_apic_count_].start(description.base, description.first_interrupt));
            ++io_apic_count_;
        }
        for (unsigned vector = first_device_vector; vector <= last_device_vector; ++vector) {
            set_vector_handler(static_cast<std::uint8_t>(vector), dispatch);
        }
        return {};
    }

    std::string_view name() const override { return "apic"; }

    /// The MADT's word on trigger and polarity goes before the caller's: it knows the board.
    Result<void> enable(InterruptId interrupt, Trigger trigger, Polarity polarity, CpuId target) override
        EXCLUDES(lock_) {
        for (const InterruptOverride& entry : boot_info_->interrupts.overrides) {
            if (entry.global_interrupt == interrupt.value) {
                trigger = entry.level_triggered ? Trigger::level : Trigger::edge;
                polarity = entry.active_low ? Polarity::low : Polarity::high;
            }
        }
        const core::sync::SpinlockGuard guard{lock_};
        IoApic* const io_apic = io_apic_of(interrupt);
        if (io_apic == nullptr) {
            return fail(Error::out_of_range);
        }
        const std::uint8_t vector = TRY(vector_for(interrupt));
        io_apic->unmask(interrupt, vector, trigger, polarity, core::cpu::local(target).machine.apic_id);
        return {};
    }

    void disable(InterruptId interrupt) override EXCLUDES(lock_) {
        const core::sync::SpinlockGuard guard{lock_};
        if (IoApic* const io_apic = io_apic_of(interrupt); io_apic != nullptr) {
            io_apic->mask(interrupt);
        }
        if (Owner* const owner = find(owner_of(interrupt)); owner != nullptr) {
            owner->store(nobody, std::memory_order_relaxed); // see dispatch()
        }
    }

    Result<void> raise(InterruptId interrupt) override EXCLUDES(lock_) {
        const std::uint8_t vector = TRY(existing_vector(interrupt));
        local_apic().interrupt_self(vector);
        return {};
    }

    Result<void> start_on_this_cpu() override {
        local_apic().enable();
        return {};
    }

  private:
    /// Whose a vector is: the interrupt's number plus one, so that all-zero is nobody's.
    using Owner = std::atomic<std::uint32_t>;
    static constexpr std::uint32_t nobody = 0;

    static constexpr std::uint32_t owner_of(InterruptId interrupt) { return interrupt.value + 1; }

    static void dispatch(std::uint8_t vector);

    Owner* find(std::uint32_t wanted) REQUIRES(lock_) {
        for (Owner& owner : owners_) {
            if (owner.load(std::memory_order_relaxed) == wanted) {
                return &owner;
            }
        }
        return nullptr;
    }

    std::uint8_t vector_of(const Owner* owner) const {
        return static_cast<std::uint8_t>(first_device_vector + (owner - owners_.data()));
    }

    Result<std::uint8_t> existing_vector(InterruptId interrupt) EXCLUDES(lock_) {
        const core::sync::SpinlockGuard guard{lock_};
        const Owner* const owner = find(owner_of(interrupt));
        if (owner == nullptr) {
            return fail(Error::not_found);
        }
        return vector_of(owner);
    }

    /// The vector of `interrupt`, a new one when it has none; Error::out_of_memory when all are taken.
    Result<std::uint8_t> vector_for(InterruptId interrupt) REQUIRES(lock_) {
        Owner* owner = find(owner_of(interrupt));
        if (owner == nullptr) {
            owner = find(nobody);
        }
        if (owner == nullptr) {
            return fail(Error::out_of_memory);
        }
        // Relaxed: the I/O APIC raises the vector only after the device write that unmasks it.
        owner->store(owner_of(interrupt), std::memory_order_relaxed);
        return vector_of(owner);
    }

    IoApic* io_apic_of(InterruptId interrupt) REQUIRES(lock_) {
        for (std::size_t i = 0; i < io_apic_count_; ++i) {
            if (io_apics_[i].serves(interrupt)) {
                return &io_apics_[i];
            }
        }
        return nullptr;
    }

    core::sync::Spinlock lock_{core::sync::Rank::interrupts};
    const BootInfo* boot_info_ = nullptr;
    std::array<IoApic, decltype(core::boot::InterruptControllerDescription::io_apics)::capacity()>
        io_apics_{};
    std::size_t io_apic_count_ = 0; ///< written once, before anybody else can call
    std::array<Owner, last_device_vector - first_device_vector + 1> owners_{};
};

constinit Apic apic;

void Apic::dispatch(std::uint8_t vector) {
    // Relaxed: a vector that was just disabled may still come once, and then has no owner.
    const std::uint32_t owner = apic.owners_[vector - first_device_vector].load(std::memory_order_relaxed);
    core::interrupt::dispatch(owner == nobody ? InterruptId{InterruptId::limit} : InterruptId{owner - 1});
    local_apic().end_of_interrupt();
}

bool applicable(const core::component::Wiring& wiring) {
    return wiring.boot_info().interrupts.kind == core::boot::InterruptControllerKind::apic;
}

Result<void> start(core::component::Wiring& wiring) {
    TRY(apic.start(wiring.boot_info()));
    wiring.provide<Controller>(apic);
    return {};
}

} // namespace

HEDDLE_COMPONENT(apic_component){
    .name = "apic",
    .provides = core::component::interfaces<Controller>,
    .needs = {},
    .applicable = applicable,
    .start = start,
};

} // namespace heddle::amd64
