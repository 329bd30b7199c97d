// SPDX-License-Identifier: BSD-2-Clause
// Panics, each in a boot of its own: the host compares the message.
#include "core/console/console.hpp"
#include "core/interrupt/context.hpp"
#include "core/log/log.hpp"
#include "core/panic.hpp"
#include "machine/cpu.hpp"
#include "test/floor/floor.hpp"

#include <cstring>
#include <doctest/doctest.h>

namespace heddle::test {

/// Copies `size` bytes into a buffer of 16: for the case that smashes its stack.
[[gnu::noinline, gnu::used]] void smash(const char* bytes, std::size_t size);

void smash(const char* bytes, std::size_t size) {
    char buffer[16];
    std::memcpy(buffer, bytes, size);
    asm volatile("" : : "r"(buffer) : "memory");
}

namespace {

TEST_CASE("panic: the message is formatted and printed" * expect_panic("the warp of 40 threads is 0x1f")) {
    core::panic("the warp of {} threads is {:#x}", 40, 31);
}

TEST_CASE("panic: an assertion says what, and where" *
          expect_panic("assertion failed: 1 + 1 == 3 at test/core/panic/panic_test.cpp:")) {
    HEDDLE_ASSERT(1 + 1 == 3);
}

TEST_CASE("panic: an assertion that holds says nothing") {
    unsigned evaluated = 0;
    HEDDLE_ASSERT(++evaluated == 1);
    CHECK(evaluated == 1);
}

TEST_CASE("panic: a smashed stack is noticed, and by which function" *
          expect_panic("stack smashed in test::smash+0x")) {
    char bytes[64];
    std::memset(bytes, 0x5a, sizeof(bytes));
    asm volatile("" : : "r"(bytes) : "memory");
    smash(bytes, 32);
}

TEST_CASE("panic: from an interrupt handler, with interrupts off and locks held" *
          expect_panic("from the handler")) {
    machine::disable_interrupts();
    const core::interrupt::ContextGuard context;
    core::panic("from the handler");
}

/// Panics itself when the report is in the middle of its message.
class Broken final : public core::console::Uart {
  public:
    explicit Broken(core::console::Uart& real)
        : real_{real} {}

    void send(char c) override {
        real_.send(c);
        if (c == '!') {
            core::panic("the second");
        }
    }

    std::optional<char> receive() override { return std::nullopt; }

    void enable_receive_interrupt() override {}

  private:
    core::console::Uart& real_;
};

TEST_CASE("panic: one inside the report ends the machine without a second report" *
          expect_panic("the first!")) {
    Broken broken{*core::console::attached_uart()};
    core::console::attach(broken);
    core::panic("the first! and last");
}

TEST_CASE("panic: what the log had not yet printed comes with the report" *
          expect_panic("the last words of a handler")) {
    machine::disable_interrupts();
    const core::interrupt::ContextGuard context;
    // The host looks for what follows "panic: ", wherever a line has that.
    core::log::info("after the panic: the last words of a handler");
    core::panic("soon after");
}

} // namespace
} // namespace heddle::test
