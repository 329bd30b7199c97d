// SPDX-License-Identifier: BSD-2-Clause
// A file of registers that a UART driver under test reads and writes, with what the device would do.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace heddle::test {

/// `Device` has read(offset) and write(offset, value); the driver holds this by value.
template <class Device, class Register>
class FakeRegisters {
  public:
    constexpr FakeRegisters() = default;

    explicit FakeRegisters(Device& device)
        : device_{&device} {}

    Register read(std::uint16_t offset) const { return device_->read(offset); }

    void write(std::uint16_t offset, Register value) const { device_->write(offset, value); }

  private:
    Device* device_ = nullptr;
};

/// What both kinds of device have: what was sent, what is to be received, and a transmitter that can be full.
struct FakeLine {
    std::array<char, 64> sent{};
    std::size_t sent_size = 0;
    std::string_view received;
    bool stuck = false;
    /// How many status reads until the transmitter has room; each send makes it full again when not 0.
    unsigned busy_reads = 0;
    unsigned busy_left = 0;
    unsigned status_reads = 0;

    bool has_room() {
        ++status_reads;
        if (stuck) {
            return false;
        }
        if (busy_left > 0) {
            --busy_left;
            return false;
        }
        return true;
    }

    void send(std::uint32_t byte) {
        sent[sent_size++ % sent.size()] = static_cast<char>(byte);
        busy_left = busy_reads;
    }

    std::uint8_t receive() {
        if (received.empty()) {
            return 0;
        }
        const char c = received.front();
        received.remove_prefix(1);
        return static_cast<std::uint8_t>(c);
    }

    std::string_view sent_text() const { return {sent.data(), sent_size}; }
};

} // namespace heddle::test
