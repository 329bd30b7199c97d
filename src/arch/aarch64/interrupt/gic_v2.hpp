// SPDX-License-Identifier: BSD-2-Clause
// The GICv2 interrupt controller (Arm IHI 0048B): one distributor and one CPU interface, both at the same
// addresses for every CPU, with at most eight CPUs.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/interrupt/controller.hpp"
#include "core/sync/spinlock.hpp"
#include "trap/trap.hpp"

namespace heddle::aarch64 {

class GicV2 final : public core::interrupt::Controller, public InterruptSource {
  public:
    constexpr GicV2() = default;

    /// Maps the registers and resets the distributor: every interrupt is shut. out_of_memory. Once, boot CPU.
    Result<void> initialise(const core::boot::InterruptControllerDescription& description);

    std::string_view name() const override { return "GICv2"; }

    /// As Controller::enable(); a CPU's own interrupts (below 32) can be opened by that CPU only, which is
    /// asserted.
    Result<void> enable(core::interrupt::InterruptId interrupt, core::interrupt::Trigger trigger,
                        core::interrupt::Polarity polarity, CpuId target) override EXCLUDES(lock_);
    void disable(core::interrupt::InterruptId interrupt) override;
    Result<void> raise(core::interrupt::InterruptId interrupt) override;

    /// Error::not_supported on a CPU that this GIC does not know: the ninth and later ones.
    Result<void> start_on_this_cpu() override;

    void handle_pending() override;
    void send(CpuSet targets, Sgi sgi) override;

  private:
    bool is_uniprocessor() const;

    core::sync::Spinlock lock_{core::sync::Rank::interrupts};
    VirtAddr distributor_;
    VirtAddr interface_;
    std::uint32_t limit_ = 0; ///< the first INTID that the distributor lacks
    std::uint32_t cpus_ = 0;  ///< how many CPUs it serves
};

} // namespace heddle::aarch64
