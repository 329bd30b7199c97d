// SPDX-License-Identifier: BSD-2-Clause
// Seconds since 1970 as a date of the (proleptic) Gregorian calendar, in UTC. No time zones, no leap seconds,
// as POSIX counts.
#pragma once

#include "lib/format.hpp"

#include <cstdint>

namespace heddle::core::time {

/// A second in UTC.
struct CivilTime {
    std::uint64_t year = 1970;
    unsigned month = 1; ///< 1…12
    unsigned day = 1;   ///< 1…31
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;

    constexpr bool operator==(const CivilTime&) const = default;
};

/// The date and time `seconds` after 1970-01-01T00:00:00Z.
CivilTime to_civil(std::uint64_t seconds);

/// Seconds after 1970-01-01T00:00:00Z: the inverse of to_civil(), for dates from 1970 on. For clock chips
/// that keep dates.
std::uint64_t to_seconds(const CivilTime& civil);

/// Writes `2024-02-29T12:34:56Z` (RFC 3339, section 5.6).
void write_rfc3339(Writer& writer, const CivilTime& civil);

} // namespace heddle::core::time
