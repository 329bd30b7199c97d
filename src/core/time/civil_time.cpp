// SPDX-License-Identifier: BSD-2-Clause
// Calendar arithmetic. Years are counted from March, so that the leap day is a year's last: then the day of a
// month's start follows from one linear formula (months from March have 31 30 31 30 31, 31 30 31 30 31, 31 …
// days).
#include "core/time/civil_time.hpp"

namespace heddle::core::time {
namespace {

constexpr std::uint64_t seconds_per_day = 86400;
constexpr std::uint64_t days_per_era = 146097; // 400 years
/// From 0000-03-01 to 1970-01-01.
constexpr std::uint64_t days_before_1970 = 719468;

/// Days from March 1st to the first of the `month`-th month, March being 0.
constexpr unsigned days_before_month(unsigned month) {
    return (153 * month + 2) / 5;
}

/// Days from March 1st of an era's first year to that of its year `year`, 0…399.
constexpr std::uint64_t days_before_year(std::uint64_t year) {
    return 365 * year + year / 4 - year / 100;
}

} // namespace

CivilTime to_civil(std::uint64_t seconds) {
    const std::uint64_t days = seconds / seconds_per_day + days_before_1970;
    const std::uint64_t era = days / days_per_era;
    const std::uint64_t day_of_era = days % days_per_era;
    std::uint64_t year = day_of_era / 365; // too late by one at most
    if (days_before_year(year) > day_of_era || year == 400) {
        --year;
    }
    const auto day_of_year = static_cast<unsigned>(day_of_era - days_before_year(year));
    const unsigned month = (5 * day_of_year + 2) / 153;
    const auto second_of_day = static_cast<unsigned>(seconds % seconds_per_day);
    return {
        .year = era * 400 + year + (month >= 10 ? 1 : 0),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - days_before_month(month) + 1,
        .hour = second_of_day / 3600,
        .minute = second_of_day / 60 % 60,
        .second = second_of_day % 60,
    };
}

std::uint64_t to_seconds(const CivilTime& civil) {
    const std::uint64_t year = civil.month < 3 ? civil.year - 1 : civil.year;
    const unsigned month = civil.month < 3 ? civil.month + 9 : civil.month - 3;
    const std::uint64_t days = year / 400 * days_per_era + days_before_year(year % 400) +
                               days_before_month(month) + civil.day - 1 - days_before_1970;
    return days * seconds_per_day + civil.hour * 3600 + civil.minute * 60 + civil.second;
}

void write_rfc3339(Writer& writer, const CivilTime& civil) {
    format_to(writer, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", civil.year, civil.month, civil.day, civil.hour,
              civil.minute, civil.second);
}

} // namespace heddle::core::time
