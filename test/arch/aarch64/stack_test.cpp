// SPDX-License-Identifier: BSD-2-Clause
// A broken stack pointer is reported, whatever it holds: frames go to a stack of their own.
#include "core/cpu/cpu_local.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "test/floor/floor.hpp"
#include "trap/trap.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

/// Uses stack until there is none.
[[gnu::noinline]] unsigned descend(unsigned depth) {
    volatile char frame[512];
    frame[0] = static_cast<char>(depth);
    return depth == ~0U ? 0 : descend(depth + 1) + static_cast<unsigned>(frame[0]);
}

/// Stores with the stack pointer at `wild`, and comes back: what the handler saw is in `seen`.
struct Wild {
    static inline constinit std::uint64_t seen_stack = 0;
    static inline constinit std::uint64_t seen_address = 0;

    static bool skip(machine::TrapFrame& frame) {
        seen_stack = frame.sp();
        seen_address = frame.fault_address;
        frame.program_counter += 4;
        return true;
    }
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-06 a fault with any stack pointer is taken on the CPU's own stack and can be returned from") {
    const auto before = aarch64::set_exception_hook(aarch64::ExceptionClass::data_abort, Wild::skip);
    constexpr std::uint64_t wild_pointers[] = {
        0, 16, 0x0000'7fff'ffff'fff0, 0xffff'0000'0000'0000, 0xffff'bfff'ffff'fff0, 0xffff'ffff'ffff'fff0};
    for (const std::uint64_t wild : wild_pointers) {
        asm volatile("mov x19, sp\n\t"
                     "mov sp, %0\n\t"
                     "str xzr, [sp]\n\t"
                     "mov sp, x19" ::"r"(wild)
                     : "x19", "memory");
        CAPTURE(wild);
        CHECK(Wild::seen_stack == wild);
        CHECK(Wild::seen_address == wild);
    }
    aarch64::set_exception_hook(aarch64::ExceptionClass::data_abort, before);
}

TEST_CASE("each of the boot CPU's stacks has a guard below that is not there") {
    const auto guards = machine::stack_guards();
    CHECK(guards.size() == 6);
    for (const void* guard : guards) {
        CHECK_FALSE(machine::probe_read(VirtAddr::of(guard)).has_value());
        CHECK_FALSE(machine::probe_read(VirtAddr::of(guard) + page_size - 8).has_value());
        CHECK(machine::probe_read(VirtAddr::of(guard) + page_size).has_value());
    }
}

TEST_CASE("ENT-06 an overflow of the thread's stack is reported" * expect_panic("data abort: write to")) {
    static_cast<void>(descend(0));
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
