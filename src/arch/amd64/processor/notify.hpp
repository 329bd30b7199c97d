// SPDX-License-Identifier: BSD-2-Clause
// Interrupts between processors: their vectors, and the non-maskable one that stops a CPU for a panic's
// report.
#pragma once

#include "machine/trap_frame.hpp"

namespace heddle::amd64 {

/// Leads the vectors of machine::Notification to their handlers. Once, by the boot CPU, before any can come.
void set_notification_handlers();

/// For each NMI, before anything else: does not return when machine::stop_others() means this CPU.
void stop_if_asked(const machine::TrapFrame& frame);

} // namespace heddle::amd64
