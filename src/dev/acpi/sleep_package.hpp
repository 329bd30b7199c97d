// SPDX-License-Identifier: BSD-2-Clause
// The one piece of AML that power-off needs: the package \_S5_, found by a scan of the DSDT's bytes.
#pragma once

#include "dev/acpi/tables.hpp"

#include <optional>

namespace heddle::dev::acpi {

/// Values for SLP_TYP of the PM1a and PM1b control registers (ACPI 6.5, 7.4.2), 0…7.
struct SleepTypes {
    std::uint8_t a = 0;
    std::uint8_t b = 0;
};

/// The soft-off state as `aml`, the body of a DSDT, defines it by `Name (_S5_, Package {a, b, …})` with
/// constants. Nothing when there is no such definition: AML is not interpreted.
std::optional<SleepTypes> find_soft_off(Bytes aml);

} // namespace heddle::dev::acpi
