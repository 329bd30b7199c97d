// SPDX-License-Identifier: BSD-2-Clause
// The console's output side: which UART, and who may write.
#include "core/console/console.hpp"

#include "core/sync/spinlock.hpp"

#include <atomic>

namespace heddle::core::console {
namespace {

constinit std::atomic<Uart*> attached{nullptr};
constinit sync::Spinlock output_lock{sync::Rank::console};

void send(std::string_view text) {
    Uart* uart = attached_uart();
    if (uart == nullptr) {
        return;
    }
    for (const char c : text) {
        if (c == '\n') {
            uart->send('\r');
        }
        uart->send(c);
    }
}

class LockedWriter final : public Writer {
  public:
    void write(std::string_view text) override {
        const sync::SpinlockGuard guard{output_lock};
        send(text);
    }
};

class EmergencyWriter final : public Writer {
  public:
    void write(std::string_view text) override { send(text); }
};

constinit LockedWriter locked_writer;
constinit EmergencyWriter emergency_writer;

} // namespace

Writer& output() {
    return locked_writer;
}

Writer& emergency_output() {
    return emergency_writer;
}

Result<void> try_write(std::string_view text) {
    const sync::SpinlockAttempt attempt{output_lock};
    if (!attempt.taken()) {
        return fail(Error::busy);
    }
    send(text);
    return {};
}

Uart* attached_uart() {
    // Acquire: pairs with the exchange in attach(), so that the driver's set-up is seen.
    return attached.load(std::memory_order_acquire);
}

Uart* attach(Uart& uart) {
    // Release: pairs with the acquire load in attached_uart(); acquire: the caller may use the one before.
    return attached.exchange(&uart, std::memory_order_acq_rel);
}

} // namespace heddle::core::console
