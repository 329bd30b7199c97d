// SPDX-License-Identifier: BSD-2-Clause
// The PL011 UART (ARM DDI 0183G, chapter 3), over any way to its registers.
#pragma once

#include "core/console/console.hpp"
#include "dev/uart/transmit_wait.hpp"

namespace heddle::dev::uart {

/// Byte offsets of the 32-bit registers.
enum class Pl011Register : std::uint16_t {
    data = 0x00,
    flags = 0x18,
    line_control = 0x2c,
    control = 0x30,
    fifo_level = 0x34,
    interrupt_mask = 0x38,
    interrupt_clear = 0x44,
};

/// `Registers` has read(offset) and write(offset, value) of 32-bit words.
template <class Registers>
class Pl011 final : public core::console::Uart {
  public:
    constexpr Pl011() = default;

    /// Sets the device up: 8 bits, no parity, FIFOs on, no interrupts, at the rate that firmware chose (its
    /// clock is not known to us).
    void open(Registers registers) {
        registers_ = registers;
        write(Pl011Register::interrupt_mask, 0);
        write(Pl011Register::control, 0);
        write(Pl011Register::line_control, eight_bits | fifos_on);
        write(Pl011Register::fifo_level, 0);
        write(Pl011Register::interrupt_clear, all_interrupts);
        write(Pl011Register::control, uart_on | transmit_on | receive_on);
    }

    void send(char c) override {
        const auto room = [this] { return (read(Pl011Register::flags) & transmit_fifo_full) == 0; };
        if (transmit_wait_.wait(room)) {
            write(Pl011Register::data, static_cast<unsigned char>(c));
        }
    }

    std::optional<char> receive() override {
        if ((read(Pl011Register::flags) & receive_fifo_empty) != 0) {
            // The time-out interrupt stays up until it is cleared, the level one until the FIFO is low again.
            write(Pl011Register::interrupt_clear, receive_interrupts);
            return std::nullopt;
        }
        return static_cast<char>(read(Pl011Register::data) & 0xff);
    }

    void enable_receive_interrupt() override { write(Pl011Register::interrupt_mask, receive_interrupts); }

  private:
    static constexpr std::uint32_t receive_fifo_empty = 1U << 4; // UARTFR.RXFE
    static constexpr std::uint32_t transmit_fifo_full = 1U << 5; // UARTFR.TXFF
    static constexpr std::uint32_t fifos_on = 1U << 4;           // UARTLCR_H.FEN
    static constexpr std::uint32_t eight_bits = 3U << 5;         // UARTLCR_H.WLEN
    static constexpr std::uint32_t uart_on = 1U << 0;            // UARTCR
    static constexpr std::uint32_t transmit_on = 1U << 8;
    static constexpr std::uint32_t receive_on = 1U << 9;
    static constexpr std::uint32_t receive_interrupts = 1U << 4 | 1U << 6; // RX level, RX time-out
    static constexpr std::uint32_t all_interrupts = 0x7ff;

    std::uint32_t read(Pl011Register which) const {
        return registers_.read(static_cast<std::uint16_t>(which));
    }

    void write(Pl011Register which, std::uint32_t value) const {
        registers_.write(static_cast<std::uint16_t>(which), value);
    }

    Registers registers_{};
    TransmitWait transmit_wait_;
};

} // namespace heddle::dev::uart
