// SPDX-License-Identifier: BSD-2-Clause
// Taking exceptions and interrupts: what a CPU needs before its first one, and who is asked which device it
// was.
#pragma once

#include "cpu/features.hpp"
#include "lib/cpu_set.hpp"
#include "machine/cpu_data.hpp"
#include "machine/trap_frame.hpp"
#include "processor/notify.hpp"
#include "trap/exception.hpp"

namespace heddle::aarch64 {

/// The interrupt controller, as entry code sees it.
class InterruptSource {
  public:
    /// Takes one pending interrupt, if there still is one, from the controller, dispatches and completes it.
    /// The CPU takes a next one by itself on the way out. On the interrupt stack, interrupts off.
    virtual void handle_pending() = 0;

    /// Interrupts each of `targets`, the caller itself allowed, by `sgi`. What the caller stored before, its
    /// handlers see. Any context.
    virtual void send(CpuSet targets, Sgi sgi) = 0;

  protected:
    ~InterruptSource() = default;
};

/// Sees an exception taken in the kernel, or an SError wherever it was taken, before it becomes a panic;
/// true: dealt with, return to `frame`, which it may have changed. Runs on the CPU's exception stack, or its
/// stack for SErrors, interrupts off.
using ExceptionHook = bool (*)(machine::TrapFrame& frame);

/// Sets the one hook of `exception`, null for none; returns the one before. Asked after the fix-up table.
ExceptionHook set_exception_hook(ExceptionClass exception, ExceptionHook hook);

/// Lets the calling CPU, which has `features`, take exceptions, SErrors included, on the stacks that `cpu`
/// names. Interrupts off, TPIDR_EL1 set.
void install_vectors(const machine::CpuData& cpu, const CpuFeatures& features);

/// From now on interrupts go to `source`, which lives for ever. Interrupts off, or none enabled.
void set_interrupt_source(InterruptSource& source);

/// That, or null.
InterruptSource* interrupt_source();

} // namespace heddle::aarch64
