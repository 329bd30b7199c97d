// SPDX-License-Identifier: BSD-2-Clause
// The GICv3 interrupt controller (Arm IHI 0069H): one distributor for devices' interrupts, a redistributor
// and a CPU interface for each CPU. No message-signalled interrupts (LPIs): nothing uses them yet.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/interrupt/controller.hpp"
#include "core/sync/spinlock.hpp"
#include "trap/trap.hpp"

namespace heddle::aarch64 {

class GicV3 final : public core::interrupt::Controller, public InterruptSource {
  public:
    constexpr GicV3() = default;

    /// Maps and resets the distributor: every interrupt is shut. Error::not_supported when this GIC has no
    /// system registers for the CPU, Error::timed_out when it does not answer, out_of_memory. Once.
    Result<void> initialise(const core::boot::InterruptControllerDescription& description);

    /// Makes the calling CPU ready: finds, maps and resets its redistributor, opens its CPU interface.
    /// Error::not_found when it has no redistributor. Interrupts off or none enabled.
    Result<void> initialise_cpu(const core::boot::BootInfo& boot_info);

    std::string_view name() const override { return "GICv3"; }

    Result<void> enable(core::interrupt::InterruptId interrupt, core::interrupt::Trigger trigger,
                        core::interrupt::Polarity polarity, CpuId target) override EXCLUDES(lock_);
    void disable(core::interrupt::InterruptId interrupt) override;
    Result<void> raise(core::interrupt::InterruptId interrupt) override;

    Result<void> start_on_this_cpu() override { return initialise_cpu(*boot_info_); }

    void handle_pending() override;
    void send(CpuSet targets, Sgi sgi) override;

  private:
    /// Where `interrupt`'s bits are: the distributor, or the second frame of CPU `target`'s redistributor.
    VirtAddr frame_of(std::uint32_t interrupt, CpuId target) const;
    Result<void> reset_distributor();
    static Result<VirtAddr> find_redistributor(const core::boot::BootInfo& boot_info, std::uint64_t affinity);

    const core::boot::BootInfo* boot_info_ = nullptr; ///< as the boot CPU's initialise_cpu() got it
    core::sync::Spinlock lock_{core::sync::Rank::interrupts};
    VirtAddr distributor_;
    std::uint32_t limit_ = 0; ///< the first INTID that the distributor lacks
};

} // namespace heddle::aarch64
