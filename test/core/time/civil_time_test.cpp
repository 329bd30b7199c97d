// SPDX-License-Identifier: BSD-2-Clause
// Dates: a table of known seconds (from `date -u -d @N`), every day of 800 years, and the wall clock over a
// virtual one.
#include "core/time/civil_time.hpp"
#include "core/time/wall_clock.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/virtual_clock.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::time::CivilTime;
using core::time::to_civil;
using core::time::to_seconds;
using core::time::WallClock;
using core::time::WallTime;
using core::time::write_rfc3339;

struct Known {
    std::uint64_t seconds;
    std::string_view text;
};

constexpr Known known[] = {
    {0, "1970-01-01T00:00:00Z"},
    {951'782'399, "2000-02-28T23:59:59Z"},
    {951'782'400, "2000-02-29T00:00:00Z"},
    {951'868'800, "2000-03-01T00:00:00Z"},
    {1'704'067'200, "2024-01-01T00:00:00Z"},
    {1'709'210'096, "2024-02-29T12:34:56Z"},
    {1'735'689'599, "2024-12-31T23:59:59Z"},
    {2'147'483'647, "2038-01-19T03:14:07Z"},
    {2'147'483'648, "2038-01-19T03:14:08Z"},
    {4'107'542'399, "2100-02-28T23:59:59Z"},
    {4'107'542'400, "2100-03-01T00:00:00Z"},
    {4'294'967'296, "2106-02-07T06:28:16Z"},
    {253'402'300'799, "9999-12-31T23:59:59Z"},
};

TEST_CASE("civil time: known seconds are known dates, and back") {
    for (const Known& each : known) {
        CAPTURE(each.seconds);
        const CivilTime civil = to_civil(each.seconds);
        char text[32];
        BufferWriter writer{text};
        write_rfc3339(writer, civil);
        CHECK(writer.text() == each.text);
        CHECK(to_seconds(civil) == each.seconds);
    }
}

constexpr bool is_leap(std::uint64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

TEST_CASE("civil time: every day of 800 years follows the one before") {
    constexpr unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    CivilTime expected;
    bool all = true;
    for (std::uint64_t day = 0; expected.year < 2770; ++day) {
        const CivilTime civil = to_civil(day * 86400);
        all = all && civil == expected && to_seconds(civil) == day * 86400;
        const unsigned length =
            lengths[expected.month - 1] + (expected.month == 2 && is_leap(expected.year) ? 1 : 0);
        if (++expected.day > length) {
            expected.day = 1;
            if (++expected.month > 12) {
                expected.month = 1;
                ++expected.year;
            }
        }
    }
    CHECK(all);
}

TEST_CASE("wall clock: the chip's seconds at boot plus what has passed since") {
    VirtualClock clock{700_ms};
    const WallClock wall{clock, 1'704'067'199, clock.now()};
    CHECK(wall.now() == WallTime{1'704'067'199, 0});
    clock.advance(999'999'999_ns);
    CHECK(wall.now() == WallTime{1'704'067'199, 999'999'999});
    clock.advance(1_ns);
    CHECK(wall.now() == WallTime{1'704'067'200, 0});
    clock.advance(366_s);
    CHECK(wall.now().seconds == 1'704'067'566);
}

} // namespace
} // namespace heddle::test
