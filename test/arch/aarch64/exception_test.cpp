// SPDX-License-Identifier: BSD-2-Clause
// Exceptions taken in the kernel: all is saved and restored, what may fault does so softly, the rest is
// reported.
#include "core/cpu/cpu_local.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "offsets.h"
#include "registers.hpp"
#include "test/floor/floor.hpp"
#include "trap/trap.hpp"

#include <algorithm>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using aarch64::ExceptionClass;
using machine::TrapFrame;

/// Sets a hook for a block.
class HookGuard {
  public:
    HookGuard(ExceptionClass exception, aarch64::ExceptionHook hook)
        : exception_{exception}
        , before_{aarch64::set_exception_hook(exception, hook)} {}

    ~HookGuard() { aarch64::set_exception_hook(exception_, before_); }

    HookGuard(const HookGuard&) = delete;
    HookGuard& operator=(const HookGuard&) = delete;

  private:
    ExceptionClass exception_;
    aarch64::ExceptionHook before_;
};

constinit TrapFrame seen{};
constinit std::uint64_t seen_depth = 0;
constinit std::uint64_t handler_stack = 0;

bool skip_instruction(TrapFrame& frame) {
    seen = frame;
    seen_depth = core::cpu::current().machine.exception_depth;
    handler_stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    frame.program_counter += 4;
    return true;
}

Registers patterns() {
    Registers in{};
    for (std::size_t i = 0; i < 31; ++i) {
        in[i] = 0x0101'0101'0101'0101 * (i + 1) ^ 0x8000'0000'0000'0001;
    }
    in[31] = 0xa000'0000; // N and C
    return in;
}

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-01 an exception in the kernel saves and restores every general register and the flags") {
    const HookGuard guard{ExceptionClass::breakpoint, skip_instruction};
    const Registers in = patterns();
    Registers out{};
    heddle_test_across_breakpoint(in, out);
    for (std::size_t i = 0; i < in.size(); ++i) {
        CAPTURE(i);
        CHECK(out[i] == in[i]);
    }
    for (std::size_t i = 0; i < seen.x.size(); ++i) {
        CAPTURE(i);
        CHECK(seen.x[i] == in[i]);
    }
    CHECK((seen.pstate & 0xf000'0000) == in[31]);
    CHECK((seen.syndrome & 0xffff) == test_breakpoint);
    CHECK(seen.sp() == heddle_test_stack_pointer);
    CHECK(seen.vector == VECTOR_SP0_SYNCHRONOUS);
    CHECK_FALSE(seen.from_user());
}

TEST_CASE("handlers run on the CPU's exception stack") {
    const HookGuard guard{ExceptionClass::breakpoint, skip_instruction};
    asm volatile("brk #0x7e57");
    const machine::CpuData& cpu = core::cpu::current().machine;
    CHECK(seen_depth == 1);
    CHECK(handler_stack < cpu.exception_stack);
    CHECK(handler_stack > cpu.exception_stack - 8_KiB);
    CHECK(cpu.exception_depth == 0);
}

TEST_CASE("a handler may take an exception itself, on the nested stack") {
    const HookGuard outer{ExceptionClass::breakpoint, [](TrapFrame& frame) {
                              asm volatile("svc #0x7e57"); // the address behind it is the one to return to
                              frame.program_counter += 4;
                              return true;
                          }};
    const HookGuard inner{ExceptionClass::supervisor_call, [](TrapFrame& frame) {
                              skip_instruction(frame);
                              frame.program_counter -= 4;
                              return true;
                          }};
    asm volatile("brk #0x7e57");
    const machine::CpuData& cpu = core::cpu::current().machine;
    CHECK(seen_depth == 2);
    CHECK(handler_stack < cpu.nested_stack);
    CHECK(handler_stack > cpu.nested_stack - 8_KiB);
    CHECK(cpu.exception_depth == 0);
}

TEST_CASE("a probe of what is not there is an error, of what is there gives it") {
    static constinit std::uint64_t word = 0x0123'4567'89ab'cdef;
    const auto read = machine::probe_read(VirtAddr::of(&word));
    REQUIRE(read.has_value());
    CHECK(*read == word);
    CHECK(machine::probe_write(VirtAddr::of(&word), 7).has_value());
    CHECK(word == 7);
    CHECK_FALSE(machine::probe_read(VirtAddr{8}).has_value());
    CHECK_FALSE(machine::probe_read(VirtAddr{0x00ff'0000'0000'0000}).has_value());
    CHECK_FALSE(machine::probe_write(VirtAddr{0xffff'f000'0000'0000}, 7).has_value());
    CHECK_FALSE(machine::probe_execute(VirtAddr{0x1000}).has_value());
}

TEST_CASE("the backtrace walks through an exception to who caused it") {
    static constinit std::array<std::uint64_t, 16> addresses{};
    static constinit std::size_t count = 0;
    const HookGuard guard{ExceptionClass::breakpoint, [](TrapFrame& frame) {
                              count = machine::backtrace(machine::frame_pointer(), addresses);
                              return skip_instruction(frame);
                          }};
    asm volatile("brk #0x7e57");
    const bool found =
        std::find(addresses.begin(), addresses.begin() + count, seen.pc()) != addresses.begin() + count;
    CHECK(found);
    CHECK(count > 4);
}

TEST_CASE("an undefined instruction is reported by name" * expect_panic("undefined instruction")) {
    asm volatile("udf #1");
}

TEST_CASE("a fault in the handling of a fault is reported too" *
          expect_panic("data abort: read of 0x20: translation")) {
    const HookGuard guard{ExceptionClass::breakpoint,
                          [](TrapFrame&) { return *VirtAddr{0x20}.as<volatile std::uint64_t>() == 0; }};
    asm volatile("brk #0x7e57");
}

TEST_CASE("a fault two handlers deep ends the machine with a word" *
          expect_panic("exception inside the handling of exceptions: data abort: read of 0x28")) {
    const HookGuard outer{ExceptionClass::breakpoint, [](TrapFrame&) {
                              asm volatile("svc #0x7e57");
                              return false;
                          }};
    const HookGuard inner{ExceptionClass::supervisor_call,
                          [](TrapFrame&) { return *VirtAddr{0x28}.as<volatile std::uint64_t>() == 0; }};
    asm volatile("brk #0x7e57");
}

TEST_CASE("a fault in the vectors' own code, on any stack, ends the machine with a word" *
          expect_panic("exception inside the handling of exceptions: breakpoint (BRK)")) {
    asm volatile("msr daifset, #0xf\n\tmsr SPSel, #1\n\tmov x0, #64\n\tmov sp, x0\n\tbrk #0x7e57" ::
                     : "x0", "memory");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
