// SPDX-License-Identifier: BSD-2-Clause
// The 16550 driver over a register file.
#include "dev/uart/ns16550.hpp"
#include "test/dev/uart/registers.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

/// Keeps registers as the device does, as far as the driver can tell.
struct FakeNs16550 {
    FakeLine line;
    std::array<std::uint8_t, 8> written{};
    std::uint16_t divisor = 0;
    bool absent = false;

    bool divisor_access() const { return (written[3] & 0x80) != 0; }

    std::uint8_t read(std::uint16_t offset) {
        if (absent) {
            return 0xff;
        }
        switch (offset) {
        case 0: return line.receive();
        case 5:
            return static_cast<std::uint8_t>((line.has_room() ? 0x60 : 0) | (line.received.empty() ? 0 : 1));
        default: return written[offset];
        }
    }

    void write(std::uint16_t offset, std::uint8_t value) {
        if (offset < 2 && divisor_access()) {
            divisor = static_cast<std::uint16_t>(offset == 0 ? (divisor & 0xff00) | value
                                                             : (divisor & 0xff) | value << 8);
        } else if (offset == 0) {
            line.send(value);
        } else {
            written[offset] = value;
        }
    }
};

using Registers = FakeRegisters<FakeNs16550, std::uint8_t>;
using Driver = dev::uart::Ns16550<Registers>;

TEST_CASE("16550: opening sets 8N1, FIFOs, the interrupt gate, no interrupts") {
    FakeNs16550 device;
    device.written[1] = 0x0f;
    device.divisor = 0x1234;
    Driver driver;
    REQUIRE(driver.open(Registers{device}, true).has_value());
    CHECK(device.written[1] == 0);
    CHECK(device.written[3] == 0x03);
    CHECK((device.written[2] & 1) == 1);
    CHECK((device.written[4] & 0x0b) == 0x0b);
    CHECK(device.divisor == 1);
    CHECK(device.line.sent_size == 0);
}

TEST_CASE("16550: with an unknown clock the firmware's rate stays") {
    FakeNs16550 device;
    device.divisor = 26;
    Driver driver;
    REQUIRE(driver.open(Registers{device}, false).has_value());
    CHECK(device.divisor == 26);
}

TEST_CASE("16550: an empty bus is not a UART") {
    FakeNs16550 device;
    device.absent = true;
    Driver driver;
    CHECK(driver.open(Registers{device}, true).error() == Error::not_found);
}

TEST_CASE("16550: bytes go out in order, waiting for room") {
    FakeNs16550 device;
    device.line.busy_reads = 7;
    Driver driver;
    REQUIRE(driver.open(Registers{device}, true).has_value());
    for (const char c : std::string_view{"weft"}) {
        driver.send(c);
    }
    CHECK(device.line.sent_text() == "weft");
}

TEST_CASE("16550: a transmitter that is stuck costs one bounded wait, then one look per byte, until it moves "
          "again") {
    FakeNs16550 device;
    Driver driver;
    REQUIRE(driver.open(Registers{device}, true).has_value());
    device.line.stuck = true;
    device.line.status_reads = 0;
    driver.send('a');
    CHECK(device.line.status_reads == dev::uart::TransmitWait::patience + 1);
    device.line.status_reads = 0;
    driver.send('b');
    driver.send('c');
    CHECK(device.line.status_reads == 2);
    CHECK(device.line.sent_size == 0);
    device.line.stuck = false;
    device.line.busy_reads = 3;
    driver.send('d');
    driver.send('e');
    CHECK(device.line.sent_text() == "de");
}

TEST_CASE("16550: received bytes come in order, and then there are none") {
    FakeNs16550 device;
    Driver driver;
    REQUIRE(driver.open(Registers{device}, true).has_value());
    CHECK_FALSE(driver.receive().has_value());
    device.line.received = "ab";
    CHECK(driver.receive() == 'a');
    CHECK(driver.receive() == 'b');
    CHECK_FALSE(driver.receive().has_value());
    driver.enable_receive_interrupt();
    CHECK(device.written[1] == 1);
}

} // namespace
} // namespace heddle::test
