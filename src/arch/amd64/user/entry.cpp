// SPDX-License-Identifier: BSD-2-Clause
// Entering and leaving user mode, and what a frame must be for that. Returning may not fault: the GS base
// would be the program's already.
#include "user/entry.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/machine/user.hpp"
#include "core/panic.hpp"
#include "core/user/entry.hpp"
#include "cpu/registers.hpp"
#include "machine/segments.hpp"
#include "trap/exception.hpp"

#include <array>

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_system_call_entry[];
[[gnu::visibility("hidden")]] void heddle_enter_user(const heddle::machine::TrapFrame& frame,
                                                     heddle::machine::CpuData& cpu);
[[noreturn, gnu::visibility("hidden")]] void heddle_leave_user();

/// user/entry.S: whether SYSRET gives what `frame` says.
bool heddle_handle_system_call(heddle::machine::TrapFrame& frame);
/// trap/vectors.S: on each other way to user mode.
void heddle_prepare_return(heddle::machine::TrapFrame& frame);
}

namespace heddle::amd64 {
namespace {

using machine::Selector;
using machine::TrapFrame;

/// SDM vol. 1, 3.4.3: CF, PF, AF, ZF, SF, TF, DF, OF, RF, AC, ID.
constexpr std::uint64_t programs_flags = 0x25'0dd5;
constexpr std::uint64_t trap_flag = 1U << 8;
constexpr std::uint64_t resume_flag = 1U << 16;
constexpr std::uint64_t always_set_flag = 1U << 1;
/// What SYSCALL clears: TF, IF, DF, IOPL, NT, RF, AC.
constexpr std::uint64_t cleared_flags = 0x5'7700;

constexpr std::uint64_t user_end = (1ULL << 47) - page_size;
constexpr std::uint64_t system_call_enable = 1U << 0;

constexpr std::uint64_t user_selector(Selector selector) {
    return static_cast<std::uint64_t>(selector) | 3;
}

void make_legal(TrapFrame& frame) {
    frame.cs = user_selector(Selector::user_code);
    frame.ss = user_selector(Selector::user_data);
    frame.rflags = (frame.rflags & programs_flags) | always_set_flag | machine::interrupt_flag;
}

/// After core::user::prepare_return(): makes `frame` one that user mode may have. A program counter that
/// would fault the kernel's return is the program's fault. Not part of the system call's fast path.
[[gnu::noinline]] void finish(TrapFrame& frame) {
    make_legal(frame);
    while (frame.rip >= user_end) {
        frame.vector = static_cast<std::uint64_t>(Exception::general_protection);
        frame.error_code = 0;
        core::user::handle_exception(frame);
        core::user::prepare_return(frame);
        make_legal(frame);
    }
}

/// Whether SYSRET gives what `frame` says. It takes RIP and RFLAGS from RCX and R11 and the segments from
/// STAR; it would fault in kernel mode on an RIP that is not canonical, cannot set RF, would trap in the
/// kernel's hands with TF, and would let a program have flags that are not its own.
bool sysret_suffices(const TrapFrame& frame) {
    constexpr unsigned canonical_bits = 47;
    constexpr std::uint64_t legal = programs_flags & ~trap_flag & ~resume_flag;
    return frame.rcx == frame.rip && frame.rip >> canonical_bits == 0 && frame.r11 == frame.rflags &&
           (frame.rflags & ~legal) == (always_set_flag | machine::interrupt_flag);
}

} // namespace

void set_up_system_calls() {
    write_msr(Msr::efer, read_msr(Msr::efer) | system_call_enable);
    write_msr(Msr::system_call_segments, static_cast<std::uint64_t>(Selector::kernel_code) << 32 |
                                             user_selector(Selector::user_code32) << 48);
    write_msr(Msr::system_call_target, reinterpret_cast<std::uintptr_t>(heddle_system_call_entry));
    write_msr(Msr::system_call_mask, cleared_flags);
    write_msr(Msr::sysenter_segment, 0); // SYSENTER faults
    write_msr(Msr::kernel_gs_base, 0);   // a program's GS base, while we are in the kernel
}

} // namespace heddle::amd64

using namespace heddle;

bool heddle_handle_system_call(machine::TrapFrame& frame) {
    core::user::handle_system_call(frame);
    core::user::prepare_return(frame);
    if (amd64::sysret_suffices(frame)) [[likely]] {
        return true;
    }
    amd64::finish(frame);
    return false;
}

void heddle_prepare_return(machine::TrapFrame& frame) {
    core::user::prepare_return(frame);
    amd64::finish(frame);
}

namespace heddle::machine {

void enter_user(TrapFrame& frame) {
    HEDDLE_ASSERT(interrupts_enabled());
    disable_interrupts();
    CpuData& cpu = core::cpu::current().machine;
    HEDDLE_ASSERT(cpu.entry_stack_top == 0);
    amd64::make_legal(frame);
    // What the last program left: neither base is in a frame.
    amd64::write_msr(amd64::Msr::fs_base, 0);
    amd64::write_msr(amd64::Msr::kernel_gs_base, 0);
    heddle_enter_user(frame, cpu);
    core::cpu::current().machine.entry_stack_top = 0;
    enable_interrupts();
}

void leave_user() {
    disable_interrupts();
    HEDDLE_ASSERT(core::cpu::current().machine.entry_stack_top != 0);
    heddle_leave_user();
}

std::uint64_t system_call_number(const TrapFrame& frame) {
    return frame.rax;
}

std::uint64_t system_call_argument(const TrapFrame& frame, unsigned index) {
    const std::array arguments{frame.rdi, frame.rsi, frame.rdx, frame.r10, frame.r8, frame.r9};
    HEDDLE_ASSERT(index < arguments.size());
    return arguments[index];
}

void set_system_call_result(TrapFrame& frame, std::uint64_t value) {
    frame.rax = value;
}

TrapFrame user_frame(VirtAddr program_counter, VirtAddr stack_pointer, std::uint64_t argument) {
    TrapFrame frame{};
    frame.rip = program_counter.value;
    frame.rsp = stack_pointer.value;
    frame.rdi = argument;
    amd64::make_legal(frame);
    return frame;
}

} // namespace heddle::machine
