// SPDX-License-Identifier: BSD-2-Clause
// The 16550 UART (National Semiconductor PC16550D data sheet, section 8), over any way to its registers.
#pragma once

#include "core/console/console.hpp"
#include "dev/uart/transmit_wait.hpp"

namespace heddle::dev::uart {

/// Register numbers.
enum class Ns16550Register : std::uint16_t {
    data = 0,             ///< receiver buffer, transmitter holding; divisor low while LCR.DLAB
    interrupt_enable = 1, ///< divisor high while LCR.DLAB
    fifo_control = 2,     ///< write; interrupt identification on reading
    line_control = 3,
    modem_control = 4,
    line_status = 5,
    scratch = 7,
};

/// `Registers` has read(offset) and write(offset, value) of bytes.
template <class Registers>
class Ns16550 final : public core::console::Uart {
  public:
    constexpr Ns16550() = default;

    /// Sets the device up: 8 bits, no parity, FIFOs on, no interrupts; 115200 baud when `clock_is_known`
    /// (1.8432 MHz, as at the ports of a PC), else the rate that firmware chose. Error::not_found when nobody
    /// answers.
    Result<void> open(Registers registers, bool clock_is_known) {
        registers_ = registers;
        write(Ns16550Register::scratch, 0x5a);
        if (read(Ns16550Register::scratch) != 0x5a) {
            return fail(Error::not_found);
        }
        write(Ns16550Register::interrupt_enable, 0);
        if (clock_is_known) {
            write(Ns16550Register::line_control, divisor_access);
            write(Ns16550Register::data, 1);
            write(Ns16550Register::interrupt_enable, 0);
        }
        write(Ns16550Register::line_control, eight_bits);
        write(Ns16550Register::fifo_control, fifos_on_and_clear);
        write(Ns16550Register::modem_control, ready_and_interrupt_gate);
        return {};
    }

    void send(char c) override {
        const auto room = [this] { return (read(Ns16550Register::line_status) & transmitter_empty) != 0; };
        if (transmit_wait_.wait(room)) {
            write(Ns16550Register::data, static_cast<std::uint8_t>(c));
        }
    }

    std::optional<char> receive() override {
        if ((read(Ns16550Register::line_status) & data_ready) == 0) {
            return std::nullopt;
        }
        return static_cast<char>(read(Ns16550Register::data));
    }

    void enable_receive_interrupt() override {
        write(Ns16550Register::interrupt_enable, received_data_available);
    }

  private:
    static constexpr std::uint8_t received_data_available = 0x01; // IER.ERBFI
    static constexpr std::uint8_t fifos_on_and_clear = 0x07; // FCR: enable, clear both; trigger at one byte
    static constexpr std::uint8_t eight_bits = 0x03;         // LCR: 8N1
    static constexpr std::uint8_t divisor_access = 0x80;     // LCR.DLAB
    static constexpr std::uint8_t ready_and_interrupt_gate = 0x0b; // MCR: DTR, RTS, OUT2
    static constexpr std::uint8_t data_ready = 0x01;               // LSR.DR
    static constexpr std::uint8_t transmitter_empty = 0x20;        // LSR.THRE

    std::uint8_t read(Ns16550Register which) const {
        return registers_.read(static_cast<std::uint16_t>(which));
    }

    void write(Ns16550Register which, std::uint8_t value) const {
        registers_.write(static_cast<std::uint16_t>(which), value);
    }

    Registers registers_{};
    TransmitWait transmit_wait_;
};

} // namespace heddle::dev::uart
