// SPDX-License-Identifier: BSD-2-Clause
// PSCI, the firmware's calls for CPUs and power (Arm DEN 0022F.b).
#pragma once

#include "core/boot/boot_info.hpp"

#include <cstdint>

namespace heddle::aarch64::psci {

/// Function ids in the 64-bit calling convention where they have one (DEN 0022F.b, 5.1).
enum class Function : std::uint32_t {
    system_off = 0x8400'0008,
    cpu_on = 0xc400'0003,
};

/// What calls return, 5.2.2.
enum class Status : std::int64_t {
    success = 0,
    not_supported = -1,
    invalid_parameters = -2,
    denied = -3,
    already_on = -4,
    on_pending = -5,
    internal_failure = -6,
    not_present = -7,
    disabled = -8,
    invalid_address = -9,
};

/// Whether firmware is called by HVC or by SMC, as the machine's description says; any other kind: there is
/// none. Boot thread.
void use(core::boot::PowerKind kind);

/// Calls firmware. Status::not_supported also where there is none, or where its instruction is undefined. Any
/// context.
Status call(Function function, std::uint64_t first = 0, std::uint64_t second = 0, std::uint64_t third = 0);

} // namespace heddle::aarch64::psci
