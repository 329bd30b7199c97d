// SPDX-License-Identifier: BSD-2-Clause
// Exceptions: decoded, fixed up, every register kept, on the stack they should be on, reported when nobody
// claims them.
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "cpu/registers.hpp"
#include "cpu/stacks.hpp"
#include "interrupt/local_apic.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/random.hpp"
#include "trap/trap.hpp"

namespace heddle::test {
namespace {

using amd64::Exception;
using amd64::PageFaultError;
using machine::TrapFrame;

constexpr std::uint64_t direction_flag = 1U << 10;
constexpr std::uint64_t alignment_flag = 1U << 18;
constexpr std::uint64_t trap_flag = 1U << 8;
constexpr std::uint64_t always_set_flag = 1U << 1;
constexpr std::uint64_t status_flags = 0x8d5; // OF, SF, ZF, AF, PF, CF

/// Never mapped: the arena hands out addresses from its beginning.
constexpr VirtAddr unmapped = core::memory::arena_base + (core::memory::arena_size - page_size);
constexpr std::uint64_t not_canonical = 0x1234'0000'0000'0000;

std::uint64_t vector(Exception exception) {
    return static_cast<std::uint64_t>(exception);
}

bool below_top(std::uint64_t address, VirtAddr top) {
    constexpr std::uint64_t size = 8_KiB;
    return address < top.value && address >= top.value - size;
}

/// What the hook of a case saw.
struct Seen {
    unsigned count = 0;
    TrapFrame frame{};
    std::uint64_t flags = 0;
    std::uint64_t stack = 0;
    std::uint64_t cpu = 0;
};

constinit Seen seen;

bool note(TrapFrame& frame) {
    ++seen.count;
    seen.frame = frame;
    seen.flags = machine::read_flags();
    seen.stack = machine::frame_pointer();
    seen.cpu = machine::cpu_pointer();
    return true;
}

bool note_and_stop_stepping(TrapFrame& frame) {
    frame.rflags &= ~trap_flag;
    return note(frame);
}

/// Sets a hook for a block.
class Hooked {
  public:
    Hooked(Exception exception, amd64::ExceptionHook hook)
        : exception_{exception}
        , before_{amd64::set_exception_hook(exception, hook)} {
        seen = {};
    }

    ~Hooked() { amd64::set_exception_hook(exception_, before_); }

    Hooked(const Hooked&) = delete;
    Hooked& operator=(const Hooked&) = delete;

  private:
    Exception exception_;
    amd64::ExceptionHook before_;
};

TEST_CASE("exceptions are decoded by vector and error code") {
    CHECK(heddle_test_breakpoint().vector == vector(Exception::breakpoint));
    CHECK(heddle_test_undefined().vector == vector(Exception::invalid_opcode));
    CHECK(heddle_test_divide_by_zero().vector == vector(Exception::divide_error));
    const Raised selector = heddle_test_bad_selector();
    CHECK(selector.vector == vector(Exception::general_protection));
    CHECK(selector.error_code == 0xfff8);
    CHECK(heddle_test_read(not_canonical).vector == vector(Exception::general_protection));
}

TEST_CASE("page faults say what was tried and why it failed") {
    const Raised read = heddle_test_read(unmapped.value);
    CHECK(read.vector == vector(Exception::page_fault));
    CHECK(read.error_code == 0);
    CHECK(amd64::read_cr2() == unmapped.value);
    CHECK(heddle_test_write(unmapped.value).error_code == PageFaultError::write);
    const auto text = core::memory::image_text().begin.value;
    CHECK(heddle_test_write(text).error_code == (PageFaultError::write | PageFaultError::protection));
    const Raised fetch = heddle_test_execute(reinterpret_cast<std::uintptr_t>(&seen));
    CHECK(fetch.vector == vector(Exception::page_fault));
    CHECK(fetch.error_code == (PageFaultError::instruction_fetch | PageFaultError::protection));
    CHECK(heddle_test_read(text).vector == Raised::none);
}

TEST_CASE("a probe is an error where the access is forbidden and nothing where it is not") {
    std::uint64_t word = 0x0123'4567'89ab'cdef;
    CHECK(machine::probe_read(VirtAddr::of(&word)) == word);
    CHECK(machine::probe_write(VirtAddr::of(&word), 5).has_value());
    CHECK(word == 5);
    CHECK(machine::probe_read(unmapped) == std::unexpected{Error::bad_address});
    CHECK(machine::probe_write(unmapped, 1) == std::unexpected{Error::bad_address});
    CHECK(machine::probe_read(VirtAddr{not_canonical}) == std::unexpected{Error::bad_address});
    CHECK(machine::probe_write(core::memory::image_text().begin, 1) == std::unexpected{Error::bad_address});
    CHECK(machine::probe_execute(unmapped) == std::unexpected{Error::bad_address});
    CHECK(machine::probe_execute(VirtAddr::of(&word)) == std::unexpected{Error::bad_address});
}

TEST_CASE("ENT-01 an exception in the kernel keeps every register and flag") {
    const Hooked hooked{Exception::breakpoint, note};
    for (unsigned round = 0; round < 100; ++round) {
        Registers before{};
        for (auto& value : before.values) {
            value = random().next();
        }
        // Interrupts stay off while the registers are not C++'s; AC and DF are what entry has to clear.
        before.values[Registers::rflags] &= status_flags | direction_flag | alignment_flag;
        before.values[Registers::rflags] |= always_set_flag;
        Registers after{};
        const auto interrupts = machine::save_and_disable_interrupts();
        heddle_test_breakpoint_with_registers(&before, &after);
        machine::restore_interrupts(interrupts);
        REQUIRE(after == before);
        REQUIRE(seen.frame.rax == before.values[Registers::rax]);
        REQUIRE(seen.frame.rbp == before.values[Registers::rbp]);
        REQUIRE(seen.frame.r15 == before.values[Registers::r15]);
        REQUIRE((seen.flags & (direction_flag | alignment_flag)) == 0);
    }
    CHECK(seen.count == 100);
}

TEST_CASE(
    "ENT-02 a non-maskable interrupt runs on a stack of its own and finds its CPU, interrupts on or off") {
    const Hooked hooked{Exception::non_maskable_interrupt, note};
    amd64::LocalApic& apic = amd64::local_apic();
    apic.send_non_maskable(apic.id());
    while (seen.count < 1) {
        machine::pause();
    }
    const auto interrupts = machine::save_and_disable_interrupts();
    apic.send_non_maskable(apic.id());
    machine::restore_interrupts(interrupts);
    CHECK(seen.count == 2);
    CHECK(below_top(seen.stack, amd64::boot_cpu_stacks().non_maskable));
    CHECK(seen.cpu == machine::cpu_pointer());
    CHECK((seen.frame.rflags & machine::interrupt_flag) == 0);
}

TEST_CASE("ENT-02 a debug exception runs on a stack of its own, after the instruction that was stepped") {
    const Hooked hooked{Exception::debug, note_and_stop_stepping};
    heddle_test_single_step();
    CHECK(seen.count == 1);
    CHECK(seen.frame.rip == reinterpret_cast<std::uintptr_t>(heddle_test_single_step_target));
    CHECK(below_top(seen.stack, amd64::boot_cpu_stacks().debug));
    CHECK(seen.cpu == machine::cpu_pointer());
}

TEST_CASE("the registers of a trap print with their names and values") {
    TrapFrame frame{};
    frame.rax = 0xaaaa'0001;
    frame.r15 = 0xffff'0015;
    frame.rip = 0x1234'5678;
    frame.vector = vector(Exception::invalid_opcode);
    char buffer[1200];
    BufferWriter writer{buffer};
    machine::print_registers(writer, frame);
    CHECK(writer.text().contains("invalid opcode (#UD)"));
    CHECK(writer.text().contains("rax 00000000aaaa0001"));
    CHECK(writer.text().contains("r15 00000000ffff0015"));
    CHECK(writer.text().contains("rip 0000000012345678"));
    CHECK_FALSE(writer.truncated());
}

[[gnu::noinline]] std::size_t walk(std::span<std::uint64_t> addresses) {
    const std::size_t count = machine::backtrace(machine::frame_pointer(), addresses);
    asm volatile(""); // no tail call
    return count;
}

[[gnu::noinline]] std::size_t walk_from_here(std::span<std::uint64_t> addresses) {
    const std::size_t count = walk(addresses);
    asm volatile("");
    return count;
}

bool near(std::uint64_t address, std::uint64_t function) {
    return address > function && address - function < 256;
}

TEST_CASE("a backtrace follows the callers and ends at boot's first function or a broken record") {
    std::array<std::uint64_t, 32> addresses{};
    const std::size_t count = walk_from_here(addresses);
    REQUIRE(count > 3);
    CHECK(count < addresses.size());
    CHECK(near(addresses[0], reinterpret_cast<std::uintptr_t>(&walk_from_here)));
    CHECK(walk(std::span{addresses}.first(2)) == 2);

    std::array<std::uint64_t, 2> record{unmapped.value, core::memory::image_text().begin.value + 1};
    CHECK(machine::backtrace(unmapped.value, addresses) == 0);
    CHECK(machine::backtrace(1, addresses) == 0);
    CHECK(machine::backtrace(reinterpret_cast<std::uintptr_t>(record.data()), addresses) == 1);
}

bool count_interrupted_in_backtrace(TrapFrame& frame) {
    std::array<std::uint64_t, 8> addresses{};
    const std::size_t count = machine::backtrace(machine::frame_pointer(), addresses);
    for (const std::uint64_t address : std::span{addresses}.first(count)) {
        seen.count += address == frame.rip ? 1 : 0;
    }
    frame.rflags &= ~trap_flag;
    return true;
}

TEST_CASE("a backtrace inside an exception goes on into the code that was interrupted") {
    const Hooked hooked{Exception::debug, count_interrupted_in_backtrace};
    heddle_test_single_step();
    CHECK(seen.count == 1);
}

TEST_CASE("an unclaimed page fault is reported with address and reason" *
          expect_panic("page fault (#PF): read of 0xffffdffffffff000: no page is there, error code 0x0")) {
    const volatile auto* word = unmapped.as<const std::uint64_t>();
    CHECK(*word == 0);
}

TEST_CASE("an unclaimed breakpoint is reported by name" * expect_panic("breakpoint (#BP), error code 0x0")) {
    asm volatile("int3");
}

TEST_CASE("an overflow of the boot stack is reported as one, from another stack" *
          expect_panic("kernel stack overflow")) {
    heddle_test_overflow();
}

} // namespace
} // namespace heddle::test
