// SPDX-License-Identifier: BSD-2-Clause
// Interrupts from the GIC: raised, taken on their stack, and leaving no trace in what they interrupt.
#include "access.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/interrupt/interrupts.hpp"
#include "machine/cpu.hpp"
#include "registers.hpp"
#include "test/floor/floor.hpp"

#include <atomic>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::interrupt::InterruptId;
using core::interrupt::Polarity;
using core::interrupt::Trigger;

/// Software-generated, a CPU's own.
constexpr InterruptId private_line{9};
/// Of the distributor; QEMU's virt board wires nothing above 112.
constexpr InterruptId shared_line{32 + 200};

struct Seen {
    std::atomic<unsigned> times{0};
    std::uint64_t stack = 0;
    std::uint64_t stack_select = 1;
    bool in_interrupt = false;
    bool masked = false;
};

/// Spoils every register that a handler may, and some that it must not.
void handle(void* argument) {
    Seen& seen = *static_cast<Seen*>(argument);
    seen.stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    asm volatile("mrs %0, SPSel" : "=r"(seen.stack_select));
    seen.in_interrupt = core::cpu::in_interrupt();
    seen.masked = !machine::interrupts_enabled();
    seen.times.fetch_add(1, std::memory_order_relaxed);
    asm volatile(
        "mov x0, #-1\n\tmov x1, x0\n\tmov x2, x0\n\tmov x3, x0\n\tmov x4, x0\n\tmov x5, x0\n\tmov x6, x0\n\t"
        "mov x7, x0\n\tmov x8, x0\n\tmov x9, x0\n\tmov x10, x0\n\tmov x11, x0\n\tmov x12, x0\n\t"
        "mov x13, x0\n\tmov x14, x0\n\tmov x15, x0\n\tmov x16, x0\n\tmov x17, x0\n\tmov x20, x0\n\tcmp x0, "
        "#0" ::
            : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
              "x15", "x16", "x17", "x20", "cc");
}

class Connection {
  public:
    Connection(InterruptId line, Seen& seen, Trigger trigger = Trigger::edge)
        : line_{line} {
        REQUIRE(
            core::interrupt::connect(interrupt_controller(), line, trigger, Polarity::high, {handle, &seen}));
    }

    ~Connection() { core::interrupt::disconnect(interrupt_controller(), line_); }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

  private:
    InterruptId line_;
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-01 an interrupt in the kernel saves and restores every general register and the flags") {
    Seen seen;
    const Connection connection{private_line, seen};
    for (unsigned round = 1; round <= 16; ++round) {
        Registers in{};
        for (std::size_t i = 0; i < 31; ++i) {
            in[i] = 0x9e37'79b9'7f4a'7c15 * (i + 1) * round;
        }
        in[31] = std::uint64_t{round % 16} << 28;
        Registers out{};
        const auto interrupts = machine::save_and_disable_interrupts();
        const auto raised = interrupt_controller().raise(private_line);
        heddle_test_across_interrupt(in, out);
        machine::restore_interrupts(interrupts);
        CHECK(raised.has_value());
        CHECK(seen.times.load(std::memory_order_relaxed) == round);
        CHECK(out == in);
    }
}

TEST_CASE("ENT-11 interrupt handlers run on the CPU's interrupt stack, masked") {
    Seen seen;
    const Connection connection{private_line, seen};
    REQUIRE(interrupt_controller().raise(private_line));
    CHECK(seen.times.load(std::memory_order_relaxed) == 1);
    const std::uint64_t top = core::cpu::current().machine.interrupt_stack;
    CHECK(seen.stack < top);
    CHECK(seen.stack > top - 16_KiB);
    CHECK(seen.stack_select == 0);
    CHECK(seen.in_interrupt);
    CHECK(seen.masked);
    CHECK_FALSE(core::cpu::in_interrupt());
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("a shared interrupt that is raised is dispatched once") {
    Seen seen;
    const Connection connection{shared_line, seen};
    const std::uint64_t before = core::interrupt::count(shared_line);
    REQUIRE(interrupt_controller().raise(shared_line));
    CHECK(seen.times.load(std::memory_order_relaxed) == 1);
    CHECK(core::interrupt::count(shared_line) == before + 1);
}

TEST_CASE("a shut interrupt does not come, and stays pending until it is opened") {
    Seen seen;
    {
        const Connection connection{shared_line, seen};
    }
    REQUIRE(interrupt_controller().raise(shared_line));
    CHECK(seen.times.load(std::memory_order_relaxed) == 0);
    const Connection connection{shared_line, seen};
    CHECK(seen.times.load(std::memory_order_relaxed) == 1);
}

TEST_CASE("a line that the GIC lacks is refused") {
    const auto result = core::interrupt::connect(interrupt_controller(), InterruptId{1019}, Trigger::edge,
                                                 Polarity::high, {handle, nullptr});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == Error::out_of_range);
    CHECK_FALSE(interrupt_controller().raise(InterruptId{1019}).has_value());
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
