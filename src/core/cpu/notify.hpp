// SPDX-License-Identifier: BSD-2-Clause
// Interrupting other CPUs, and counting it: some paths promise to send none.
#pragma once

#include "core/machine/processors.hpp"

namespace heddle::core::cpu {

/// Interrupts each of `targets`, of which each has to be online. What the caller stored before, the handlers
/// see. Any context.
void send_notification(CpuSet targets, machine::Notification notification);

/// Interrupts sent so far, by all CPUs; each target counts. A figure.
std::uint64_t notification_count();

} // namespace heddle::core::cpu
