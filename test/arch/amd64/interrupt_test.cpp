// SPDX-License-Identifier: BSD-2-Clause
// External interrupts: the registers they keep, the stack they run on, how deep they nest, and the local
// APIC's part.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/tick.hpp"
#include "core/interrupt/context.hpp"
#include "core/machine/machine.hpp"
#include "core/sync/interrupts_off.hpp"
#include "cpu/stacks.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "test/floor/background.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "trap/trap.hpp"

namespace heddle::test {
namespace {

using amd64::local_apic;
using amd64::LocalApicRegister;

constexpr std::uint64_t direction_flag = 1U << 10;
constexpr std::uint64_t alignment_flag = 1U << 18;
constexpr std::uint64_t status_flags = 0x8d5; // OF, SF, ZF, AF, PF, CF
constexpr std::uint64_t always_set_flag = 1U << 1;

/// What the last handler saw.
struct Seen {
    unsigned count = 0;
    std::uint64_t stack = 0;
    std::uint64_t flags = 0;
    std::uint32_t depth = 0;
};

constinit Seen outer;
constinit Seen inner;

void note(Seen& seen) {
    ++seen.count;
    seen.stack = machine::frame_pointer();
    seen.flags = machine::read_flags();
    seen.depth = core::cpu::current().interrupt_depth;
}

bool on_interrupt_stack(std::uint64_t address) {
    const std::uint64_t top = amd64::boot_cpu_stacks().interrupt.value;
    return address < top && address >= top - 16_KiB;
}

/// INT does what a device's interrupt does, but for the local APIC, which knows nothing of it.
void handle_software(std::uint8_t) {
    note(outer);
}

void handle_device(std::uint8_t) {
    note(outer);
    local_apic().end_of_interrupt();
}

void handle_and_nest(std::uint8_t) {
    note(outer);
    asm volatile("int %0" : : "i"(nested_test_vector) : "memory");
}

void handle_nested(std::uint8_t) {
    note(inner);
}

void handle_and_recurse(std::uint8_t) {
    asm volatile("int %0" : : "i"(test_vector) : "memory");
}

/// Leads a vector to a handler for a block.
class Led {
  public:
    Led(std::uint8_t vector, amd64::VectorHandler handler)
        : vector_{vector} {
        outer = {};
        inner = {};
        amd64::set_vector_handler(vector, handler);
    }

    ~Led() { amd64::set_vector_handler(vector_, nullptr); }

    Led(const Led&) = delete;
    Led& operator=(const Led&) = delete;

  private:
    std::uint8_t vector_;
};

TEST_CASE("ENT-01 an interrupt in the kernel keeps every register and flag") {
    const Led led{test_vector, handle_software};
    for (unsigned round = 0; round < 100; ++round) {
        Registers before{};
        for (auto& value : before.values) {
            value = random().next();
        }
        before.values[Registers::rflags] &= status_flags | direction_flag | alignment_flag;
        before.values[Registers::rflags] |= always_set_flag;
        Registers after{};
        const auto interrupts = machine::save_and_disable_interrupts();
        heddle_test_interrupt_with_registers(&before, &after);
        machine::restore_interrupts(interrupts);
        REQUIRE(after == before);
        REQUIRE((outer.flags & (direction_flag | alignment_flag | machine::interrupt_flag)) == 0);
    }
    CHECK(outer.count == 100);
}

TEST_CASE("ENT-11 a self-raised interrupt comes when interrupts are on, on the interrupt stack, once") {
    const Led led{test_vector, handle_device};
    const auto interrupts = machine::save_and_disable_interrupts();
    local_apic().interrupt_self(test_vector);
    CHECK(outer.count == 0);
    machine::restore_interrupts(interrupts);
    asm volatile("nop" : : : "memory"); // STI takes effect after one more instruction
    CHECK(outer.count == 1);
    CHECK(on_interrupt_stack(outer.stack));
    CHECK(outer.depth == 1);
    CHECK(core::cpu::current().interrupt_depth == 0);
    CHECK(core::cpu::current().machine.interrupt_nesting == 0);
    CHECK_FALSE(on_interrupt_stack(machine::frame_pointer()));
}

TEST_CASE("ENT-11 an interrupt inside a handler stays on the interrupt stack, below it") {
    const Led led{test_vector, handle_and_nest};
    const Led nested{nested_test_vector, handle_nested};
    asm volatile("int %0" : : "i"(test_vector) : "memory");
    CHECK(outer.count == 1);
    CHECK(inner.count == 1);
    CHECK(outer.depth == 1);
    CHECK(inner.depth == 2);
    CHECK(on_interrupt_stack(inner.stack));
    CHECK(inner.stack < outer.stack);
    CHECK(core::cpu::current().machine.interrupt_nesting == 0);
}

TEST_CASE("ENT-11 interrupts that nest without end are a panic" *
          expect_panic("interrupt handlers nest 5 deep")) {
    const Led led{test_vector, handle_and_recurse};
    asm volatile("int %0" : : "i"(test_vector) : "memory");
}

TEST_CASE("an interrupt vector that leads nowhere is a panic" *
          expect_panic("interrupt vector 241 has no handler")) {
    asm volatile("int %0" : : "i"(test_vector) : "memory");
}

/// Has the deadlines' timer interrupt wait until interrupts are on. Interrupts off.
void make_timer_pending() {
    local_apic().write(LocalApicRegister::timer_initial_count, 1);
    CHECK(eventually([] { return local_apic().pending(amd64::timer_vector); }));
}

/// The timer without its user, the deadlines, for a block: an interrupt that is on its way to them would have
/// them set the timer anew, whatever somebody else has it count. Interrupts off throughout.
class Timer {
  public:
    Timer() {
        core::cpu::stop_tick();
        make_timer_pending(); // as it may be in any case, now and then
        local_apic().write(LocalApicRegister::timer_initial_count, 0);
        while (local_apic().pending(amd64::timer_vector)) {
            // NOP and not PAUSE, with which QEMU 7.2 prolongs the one instruction that STI protects.
            asm volatile("sti\n\tnop\n\tcli" : : : "memory");
        }
        local_apic().write(LocalApicRegister::timer, test_vector);
    }

    /// The handler of deadlines gets its timer back, and is called to set it.
    ~Timer() {
        local_apic().write(LocalApicRegister::timer, masked | amd64::timer_vector);
        local_apic().write(LocalApicRegister::timer, amd64::timer_vector);
        core::cpu::start_tick();
        local_apic().write(LocalApicRegister::timer_initial_count, 1);
    }

    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    static void count(std::uint32_t from) {
        local_apic().write(LocalApicRegister::timer_initial_count, from);
    }

    static std::uint32_t left() { return local_apic().read(LocalApicRegister::timer_current_count); }

  private:
    static constexpr std::uint32_t masked = 1U << 16;
};

TEST_CASE("the local APIC's timer interrupts once for each count, not before its time") {
    const Led led{test_vector, handle_device};
    const core::sync::InterruptsOff off;
    const Timer timer;
    CHECK(outer.count == 0);
    Timer::count(1'000'000);
    const Nanoseconds start = env().now();
    CHECK(outer.count == 0);
    while (outer.count == 0 && env().now() < start + 10_s) {
        machine::wait_for_interrupt();
        machine::disable_interrupts();
    }
    const Nanoseconds end = env().now();
    CHECK(outer.count == 1);
    CHECK(Timer::left() == 0);
    CHECK(end > start);
}

} // namespace
} // namespace heddle::test
