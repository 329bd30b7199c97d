// SPDX-License-Identifier: BSD-2-Clause
// The PC's CMOS clock (MC146818), read once at boot. Date arithmetic: "days from civil", Howard Hinnant's
// paper of that name.
#include "core/machine/machine.hpp"
#include "machine/cpu.hpp"
#include "machine/io.hpp"

namespace heddle::machine {
namespace {

/// Registers of the MC146818 (data sheet, "Address map"); the century's place is the PC's custom and ACPI's
/// default.
enum class Register : std::uint8_t {
    seconds = 0x00,
    minutes = 0x02,
    hours = 0x04,
    day = 0x07,
    month = 0x08,
    year = 0x09,
    status_a = 0x0a,
    status_b = 0x0b,
    century = 0x32,
};

constexpr std::uint8_t update_in_progress = 0x80; // status A
constexpr std::uint8_t hours_24 = 0x02;           // status B
constexpr std::uint8_t binary = 0x04;
constexpr std::uint8_t afternoon = 0x80; // in the hours, when they count to 12

std::uint8_t read(Register number) {
    constexpr std::uint16_t index_port = 0x70;
    constexpr std::uint16_t data_port = 0x71;
    constexpr std::uint8_t nmi_disable = 0x80; // kept off: the index port's top bit masks NMIs
    out8(index_port, static_cast<std::uint8_t>(static_cast<std::uint8_t>(number) & ~nmi_disable));
    return in8(data_port);
}

/// As the chip holds it.
struct Reading {
    std::uint8_t seconds, minutes, hours, day, month, year, century;

    bool operator==(const Reading&) const = default;
};

Reading read_all() {
    return {read(Register::seconds), read(Register::minutes), read(Register::hours),  read(Register::day),
            read(Register::month),   read(Register::year),    read(Register::century)};
}

/// Waits out an update, which takes 2 ms; a chip that is not there always says it is updating.
Result<void> wait_for_update() {
    constexpr unsigned most_reads = 100'000; // of a port, at about 1 µs
    for (unsigned i = 0; i < most_reads; ++i) {
        if ((read(Register::status_a) & update_in_progress) == 0) {
            return {};
        }
        pause();
    }
    return fail(Error::not_found);
}

/// Two equal readings in a row, neither begun in an update, are one moment's.
Result<Reading> read_consistently() {
    TRY(wait_for_update());
    Reading before = read_all();
    for (unsigned tries = 0; tries < 10; ++tries) {
        TRY(wait_for_update());
        const Reading now = read_all();
        if (now == before) {
            return now;
        }
        before = now;
    }
    return fail(Error::not_found);
}

constexpr unsigned from_bcd(std::uint8_t value) {
    return value / 16U * 10 + value % 16U;
}

constexpr std::uint64_t days_since_1970(unsigned year, unsigned month, unsigned day) {
    const unsigned y = month <= 2 ? year - 1 : year; // years that begin in March end with the leap day
    const unsigned era = y / 400;
    const unsigned year_of_era = y % 400;
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return std::uint64_t{era} * 146'097 + day_of_era - 719'468;
}

static_assert(days_since_1970(1970, 1, 1) == 0);
static_assert(days_since_1970(2000, 3, 1) == 11'017);
static_assert(days_since_1970(2024, 2, 29) == 19'782);

} // namespace

Result<std::uint64_t> read_real_time_clock(const core::boot::BootInfo& boot_info) {
    static_cast<void>(boot_info); // the chip is at fixed ports
    const Reading raw = TRY(read_consistently());
    const std::uint8_t mode = read(Register::status_b);
    const auto number = [mode](std::uint8_t value) { return (mode & binary) != 0 ? value : from_bcd(value); };

    unsigned hours = number(static_cast<std::uint8_t>(raw.hours & ~afternoon));
    if ((mode & hours_24) == 0) {
        hours = hours % 12 + ((raw.hours & afternoon) != 0 ? 12 : 0);
    } else {
        hours = number(raw.hours);
    }
    const unsigned century = number(raw.century);
    const unsigned year = (century >= 19 && century <= 99 ? century : 20) * 100 + number(raw.year);
    const unsigned month = number(raw.month);
    const unsigned day = number(raw.day);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hours > 23) {
        return fail(Error::not_found);
    }
    return ((days_since_1970(year, month, day) * 24 + hours) * 60 + number(raw.minutes)) * 60 +
           number(raw.seconds);
}

} // namespace heddle::machine
