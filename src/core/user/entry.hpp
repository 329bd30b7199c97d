// SPDX-License-Identifier: BSD-2-Clause
// Who handles what user mode asks for or causes, and the work that is done on the way back to it.
#pragma once

#include "lib/units.hpp"
#include "machine/trap_frame.hpp"

#include <cstdint>

namespace heddle::core::user {

/// All are called on the program's kernel stack, in no read section; they change `frame` as they like, and
/// may call machine::leave_user().
struct Handlers {
    /// Interrupts on.
    void (*system_call)(machine::TrapFrame& frame);
    /// The program caused an exception. Interrupts off, so that what the CPU says about it is still there;
    /// may turn them on.
    void (*exception)(machine::TrapFrame& frame);
    /// `flags` are those that request_work() set. Interrupts on.
    void (*work)(machine::TrapFrame& frame, std::uint32_t flags);
};

/// Makes `handlers` those of all CPUs, null: nobody's; returns the ones before. An entry from user mode
/// without handlers is a panic. While no CPU is in user mode.
const Handlers* set_handlers(const Handlers* handlers);

/// Has the program on `cpu`, or the next one there, call Handlers::work before it goes on in user mode. A CPU
/// that is in user mode now has to be notified besides (Notification::reschedule). Any context.
void request_work(CpuId cpu, std::uint32_t flags);

/// By the machine's entry code, interrupts off; off again when they return.
void handle_system_call(machine::TrapFrame& frame);
void handle_exception(machine::TrapFrame& frame);

/// Whether prepare_return() has anything to do: asked by the machine's exit code, so that the common way out
/// need not call it. Interrupts off, and they stay off until user mode.
bool return_takes_work();

/// By the machine's exit code, on each way to user mode: works off what was requested until nothing is left,
/// then passes a quiescent point. Interrupts off, and off again when it returns.
void prepare_return(machine::TrapFrame& frame);

} // namespace heddle::core::user
