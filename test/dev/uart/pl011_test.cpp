// SPDX-License-Identifier: BSD-2-Clause
// The PL011 driver over a register file.
#include "dev/uart/pl011.hpp"
#include "test/dev/uart/registers.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

/// Keeps registers as the device does, as far as the driver can tell.
struct FakePl011 {
    FakeLine line;
    std::array<std::uint32_t, 0x48 / 4> written{};
    bool configured_while_on = false;

    std::uint32_t read(std::uint16_t offset) {
        switch (offset) {
        case 0x00: return line.receive();
        case 0x18: return (line.has_room() ? 0U : 1U << 5) | (line.received.empty() ? 1U << 4 : 0U);
        default: return written[offset / 4];
        }
    }

    void write(std::uint16_t offset, std::uint32_t value) {
        if (offset == 0x00) {
            line.send(value);
            return;
        }
        configured_while_on = configured_while_on || (offset == 0x2c && (written[0x30 / 4] & 1) != 0);
        written[offset / 4] = value;
    }
};

using Registers = FakeRegisters<FakePl011, std::uint32_t>;
using Driver = dev::uart::Pl011<Registers>;

TEST_CASE("PL011: opening sets 8N1 and FIFOs with the UART off, then turns it on, without interrupts") {
    FakePl011 device;
    device.written[0x30 / 4] = 0x301;
    device.written[0x38 / 4] = 0x7ff;
    Driver driver;
    driver.open(Registers{device});
    CHECK_FALSE(device.configured_while_on);
    CHECK(device.written[0x2c / 4] == 0x70);
    CHECK(device.written[0x30 / 4] == 0x301);
    CHECK(device.written[0x38 / 4] == 0);
}

TEST_CASE("PL011: bytes go out in order, waiting for room, high ones unchanged") {
    FakePl011 device;
    device.line.busy_reads = 5;
    Driver driver;
    driver.open(Registers{device});
    for (const char c : std::string_view{"warp\xff"}) {
        driver.send(c);
    }
    CHECK(device.line.sent_text() == "warp\xff");
}

TEST_CASE("PL011: a transmitter that is stuck costs one bounded wait, then one look per byte") {
    FakePl011 device;
    Driver driver;
    driver.open(Registers{device});
    device.line.stuck = true;
    device.line.status_reads = 0;
    driver.send('a');
    CHECK(device.line.status_reads == dev::uart::TransmitWait::patience + 1);
    driver.send('b');
    CHECK(device.line.status_reads == dev::uart::TransmitWait::patience + 2);
    CHECK(device.line.sent_size == 0);
}

TEST_CASE("PL011: received bytes come in order; when there are none the time-out interrupt is cleared") {
    FakePl011 device;
    Driver driver;
    driver.open(Registers{device});
    device.line.received = "xy";
    device.written[0x44 / 4] = 0;
    CHECK(driver.receive() == 'x');
    CHECK(driver.receive() == 'y');
    CHECK(device.written[0x44 / 4] == 0);
    CHECK_FALSE(driver.receive().has_value());
    CHECK(device.written[0x44 / 4] == 0x50);
    driver.enable_receive_interrupt();
    CHECK(device.written[0x38 / 4] == 0x50);
}

} // namespace
} // namespace heddle::test
