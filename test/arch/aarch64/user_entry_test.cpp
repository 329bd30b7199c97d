// SPDX-License-Identifier: BSD-2-Clause
// Into user mode and out of it: system calls, exceptions, interrupts, and work on the way back.
#include "core/cpu/cpu_local.hpp"
#include "core/machine/user.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "core/user/entry.hpp"
#include "cpu/features.hpp"
#include "machine/cpu.hpp"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"
#include "trap/exception.hpp"

#include <array>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using aarch64::ExceptionClass;
using aarch64::Syndrome;
using machine::TrapFrame;

constexpr VirtAddr code = Program::code;

constexpr std::uint32_t svc = 0xd400'0001;
constexpr std::uint32_t brk = 0xd420'0000;
constexpr std::uint32_t branch_to_self = 0x1400'0000;
constexpr std::uint32_t load_x1_from_x0 = 0xf940'0001;
constexpr std::uint32_t mask_interrupts = 0xd503'42df; // MSR DAIFSet, #2
constexpr std::uint32_t pacia_x1_x2 = 0xdac1'0041;

/// What the handlers saw.
struct Seen {
    std::array<TrapFrame, 2> calls{};
    unsigned call_count = 0;
    unsigned exceptions = 0;
    bool interrupts_on = false;
    std::uint32_t work = 0;
};

constinit Seen seen{};
constexpr std::uint64_t result = 0x0123'4567'89ab'cdef;

void note_call(TrapFrame& frame) {
    seen.interrupts_on = machine::interrupts_enabled();
    seen.calls[seen.call_count % 2] = frame;
    machine::set_system_call_result(frame, result);
    if (++seen.call_count == 2) {
        machine::leave_user();
    }
}

void note_exception(TrapFrame&) {
    ++seen.exceptions;
    machine::leave_user();
}

void note_work(TrapFrame&, std::uint32_t flags) {
    seen.work |= flags;
    machine::leave_user();
}

constexpr core::user::Handlers handlers{
    .system_call = note_call, .exception = note_exception, .work = note_work};

/// Runs a program from `frame` until a handler leaves it; the frame as it was then.
TrapFrame run(TrapFrame frame) {
    seen = {};
    const core::user::Handlers* const before = core::user::set_handlers(&handlers);
    machine::enter_user(frame);
    core::user::set_handlers(before);
    return frame;
}

ExceptionClass exception_of(const TrapFrame& frame) {
    return Syndrome{frame.syndrome}.exception_class();
}

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-01 a system call saves and restores every register but the result, and the flags") {
    const Program program{svc, svc};
    TrapFrame start = machine::user_frame(code, VirtAddr{0x7fff'fff0}, 0);
    for (std::size_t i = 0; i < 31; ++i) {
        start.x[i] = 0x9e37'79b9'7f4a'7c15 * (i + 1);
    }
    start.pstate = 0xa000'0000;
    const TrapFrame end = run(start);
    CHECK(seen.call_count == 2);
    CHECK(seen.interrupts_on);
    CHECK(seen.calls[0].x == start.x);
    CHECK(seen.calls[0].pc() == (code + 4).value);
    CHECK(seen.calls[0].sp() == 0x7fff'fff0);
    CHECK(seen.calls[0].from_user());
    CHECK((seen.calls[0].pstate >> 28) == 0xa);
    auto expected = start.x;
    expected[0] = result;
    CHECK(seen.calls[1].x == expected);
    CHECK(seen.calls[1].sp() == 0x7fff'fff0);
    CHECK(end.pc() == (code + 8).value);
    CHECK(machine::interrupts_enabled());
    CHECK(machine::system_call_number(start) == start.x[8]);
    CHECK(machine::system_call_argument(start, 5) == start.x[5]);
}

TEST_CASE("ENT-07 a program's exceptions reach its handler, with the syndrome") {
    {
        const Program program{brk};
        const TrapFrame end = run(machine::user_frame(code, VirtAddr{}, 0));
        CHECK(seen.exceptions == 1);
        CHECK(exception_of(end) == ExceptionClass::breakpoint);
        CHECK(end.pc() == code.value);
    }
    {
        const Program program{0};
        CHECK(exception_of(run(machine::user_frame(code, VirtAddr{}, 0))) == ExceptionClass::unknown);
    }
    {
        const Program program{mask_interrupts};
        run(machine::user_frame(code, VirtAddr{}, 0));
        CHECK(seen.exceptions == 1);
    }
}

TEST_CASE("ENT-09 a program can neither read nor run the kernel's memory") {
    const Program program{load_x1_from_x0};
    const std::uint64_t secret = 0x5ec4e7;
    const TrapFrame read = run(machine::user_frame(code, VirtAddr{}, VirtAddr::of(&secret).value));
    CHECK(exception_of(read) == ExceptionClass::data_abort_lower);
    CHECK(read.fault_address == VirtAddr::of(&secret).value);
    CHECK(read.x[1] == 0);
    const TrapFrame jump = run(machine::user_frame(core::memory::image_text().begin, VirtAddr{}, 0));
    CHECK(exception_of(jump) == ExceptionClass::instruction_abort_lower);
}

TEST_CASE("ENT-05 an illegal program counter or state faults the program") {
    const Program program{svc, svc};
    run(machine::user_frame(VirtAddr{0x1234'0000'0000'0000}, VirtAddr{}, 0));
    CHECK(seen.exceptions == 1);
    run(machine::user_frame(code + 2, VirtAddr{}, 0));
    CHECK(seen.exceptions == 1);
    TrapFrame frame = machine::user_frame(code, VirtAddr{}, 0);
    frame.pstate = ~std::uint64_t{1U << 21}; // EL3, AArch32, all masked; not single-stepped
    run(frame);
    CHECK(seen.call_count == 2);
    CHECK((seen.calls[0].pstate & 0x3ff) == 0);
}

TEST_CASE("work that is asked for is done before a program goes on") {
    const Program program{branch_to_self};
    core::user::request_work(core::cpu::current().id, 2);
    run(machine::user_frame(code, VirtAddr{}, 0));
    CHECK(seen.work == 2);
    CHECK(seen.call_count == 0);
}

TEST_CASE("ENT-12 a program's return addresses are signed with another key than the kernel's") {
    if (!aarch64::cpu_features.pointer_authentication) {
        return;
    }
    const Program program{pacia_x1_x2, svc, svc};
    TrapFrame frame = machine::user_frame(code, VirtAddr{}, 0);
    frame.x[1] = 0x1234'5678;
    frame.x[2] = 0x1000;
    run(frame);
    std::uint64_t kernel = 0x1234'5678;
    asm volatile("mov x17, %0\n\tmov x16, #0x1000\n\thint #8\n\tmov %0, x17"
                 : "+r"(kernel)::"x16", "x17"); // PACIA1716
    CHECK(seen.calls[0].x[1] != 0x1234'5678);
    CHECK(seen.calls[0].x[1] != kernel);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
