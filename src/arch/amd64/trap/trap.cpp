// SPDX-License-Identifier: BSD-2-Clause
// What trap/vectors.S calls: fix-ups, hooks, and the report of an exception that nobody claims.
#include "trap/trap.hpp"

#include "core/interrupt/context.hpp"
#include "core/panic.hpp"
#include "core/user/entry.hpp"
#include "cpu/registers.hpp"
#include "cpu/stacks.hpp"
#include "lib/units.hpp"
#include "processor/notify.hpp"

#include <array>
#include <atomic>

namespace heddle::amd64 {
namespace {

using machine::TrapFrame;

/// trap/fixup.h: both are relative to themselves, so that the table needs no relocation.
struct Fixup {
    std::int32_t at;
    std::int32_t resume;

    std::uint64_t fault_address() const {
        return reinterpret_cast<std::uintptr_t>(&at) + static_cast<std::int64_t>(at);
    }

    std::uint64_t resume_address() const {
        return reinterpret_cast<std::uintptr_t>(&resume) + static_cast<std::int64_t>(resume);
    }
};

static_assert(sizeof(Fixup) == 8);

} // namespace
} // namespace heddle::amd64

extern "C" {
[[gnu::visibility("hidden")]] extern const heddle::amd64::Fixup heddle_fixups_start[];
[[gnu::visibility("hidden")]] extern const heddle::amd64::Fixup heddle_fixups_end[];
// The code of trap/vectors.S and of user/entry.S.
[[gnu::visibility("hidden")]] extern const char heddle_exception_vectors[];
[[gnu::visibility("hidden")]] extern const char heddle_trap_vectors_end[];
[[gnu::visibility("hidden")]] extern const char heddle_system_call_entry[];
[[gnu::visibility("hidden")]] extern const char heddle_user_code_end[];
}

namespace heddle::amd64 {
namespace {

constinit std::array<std::atomic<ExceptionHook>, exception_count> exception_hooks{};
constinit std::array<VectorHandler, 256 - exception_count> vector_handlers{};

Exception exception_of(const TrapFrame& frame) {
    return static_cast<Exception>(frame.vector);
}

/// Whether the instruction at RIP itself could not be fetched.
bool fetch_failed(const TrapFrame& frame) {
    return exception_of(frame) == Exception::page_fault &&
           (frame.error_code & PageFaultError::instruction_fetch) != 0 && read_cr2() == frame.rip;
}

bool fix_up(TrapFrame& frame) {
    const bool fetch = fetch_failed(frame);
    const std::uint64_t at = fetch ? *reinterpret_cast<const std::uint64_t*>(frame.rsp) : frame.rip;
    for (const Fixup* fixup = heddle_fixups_start; fixup != heddle_fixups_end; ++fixup) {
        if (fixup->fault_address() == at) {
            frame.rip = fixup->resume_address();
            frame.rsp += fetch ? sizeof(std::uint64_t) : 0;
            frame.rax = frame.vector;
            frame.rdx = frame.error_code;
            return true;
        }
    }
    return false;
}

[[noreturn]] void report_page_fault(const TrapFrame& frame) {
    const std::uint64_t error = frame.error_code;
    const std::string_view access = (error & PageFaultError::instruction_fetch) != 0 ? "execution of"
                                    : (error & PageFaultError::write) != 0           ? "write to"
                                                                                     : "read of";
    const std::string_view reason = (error & PageFaultError::reserved_bit) != 0
                                        ? "a reserved bit is set in its tables"
                                    : (error & PageFaultError::protection) != 0 ? "its page forbids that"
                                                                                : "no page is there";
    core::panic_in_trap(frame, "page fault (#PF): {} {:#x}: {}, error code {:#x}", access, read_cr2(), reason,
                        error);
}

/// Mostly a stack that ran over: the CPU could not push the page fault that its guard page raised.
[[noreturn]] void report_double_fault(const TrapFrame& frame) {
    const std::uint64_t address = read_cr2();
    if (is_stack_guard(VirtAddr{address})) {
        core::panic_in_trap(frame,
                            "kernel stack overflow: stack pointer {:#x}, guard page hit at {:#x} (#DF)",
                            frame.rsp, address);
    }
    core::panic_in_trap(frame, "double fault (#DF): stack pointer {:#x}, last page fault at {:#x}", frame.rsp,
                        address);
}

[[noreturn]] void report(const TrapFrame& frame) {
    const Exception exception = exception_of(frame);
    if (exception == Exception::page_fault) {
        report_page_fault(frame);
    }
    if (exception == Exception::double_fault) {
        report_double_fault(frame);
    }
    core::panic_in_trap(frame, "{}, error code {:#x}", to_string(exception), frame.error_code);
}

/// NMI and machine check hit whoever runs.
bool comes_from_outside(Exception exception) {
    return exception == Exception::non_maskable_interrupt || exception == Exception::machine_check;
}

/// Not what comes from outside, nor a double fault, which is the kernel's.
bool is_programs_own(Exception exception) {
    return !comes_from_outside(exception) && exception != Exception::double_fault;
}

/// Whether the instruction at RIP is what raised the exception (or the one before it, a breakpoint): the
/// others may hit one that has a fix-up by chance.
bool belongs_to_instruction(Exception exception) {
    return is_programs_own(exception) && exception != Exception::debug;
}

bool lies_between(std::uint64_t address, const char* begin, const char* end) {
    return address >= reinterpret_cast<std::uintptr_t>(begin) &&
           address < reinterpret_cast<std::uintptr_t>(end);
}

/// A debug exception in the kernel that is no business of the kernel's. The doors and the copies run with a
/// program's stack pointer, GS base or memory: a condition that a program or its debugger armed can be met
/// there (on its data in a copy; with MOV SS before SYSCALL or INT, on the first instruction of the entry,
/// SDM vol. 3A, 6.8.3). It goes on as if nothing had been; RF lets an execution breakpoint pass.
bool ignore_debug_exception(TrapFrame& frame) {
    constexpr std::uint64_t trap_flag = 1U << 8;
    constexpr std::uint64_t resume_flag = 1U << 16;
    if (!lies_between(frame.rip, heddle_exception_vectors, heddle_trap_vectors_end) &&
        !lies_between(frame.rip, heddle_system_call_entry, heddle_user_code_end)) {
        return false;
    }
    clear_dr6();
    frame.rflags = (frame.rflags & ~trap_flag) | resume_flag;
    return true;
}

void handle_exception(TrapFrame& frame) {
    const Exception exception = exception_of(frame);
    if (!frame.from_user() && belongs_to_instruction(exception) && fix_up(frame)) {
        return;
    }
    // Relaxed: see set_exception_hook.
    const auto hook = exception_hooks[frame.vector].load(std::memory_order_relaxed);
    if (hook != nullptr && hook(frame)) {
        return;
    }
    if (exception == Exception::debug && ignore_debug_exception(frame)) {
        return;
    }
    report(frame);
}

} // namespace

ExceptionHook set_exception_hook(Exception exception, ExceptionHook hook) {
    // Relaxed: a hook and what it uses are set on the CPU that provokes the exception.
    return exception_hooks[static_cast<std::size_t>(exception)].exchange(hook, std::memory_order_relaxed);
}

void set_vector_handler(std::uint8_t vector, VectorHandler handler) {
    HEDDLE_ASSERT(vector >= exception_count);
    vector_handlers[vector - exception_count] = handler;
}

} // namespace heddle::amd64

extern "C" void heddle_handle_exception(heddle::machine::TrapFrame& frame);
extern "C" void heddle_handle_interrupt(heddle::machine::TrapFrame& frame);

using namespace heddle;

void heddle_handle_exception(machine::TrapFrame& frame) {
    const amd64::Exception exception = amd64::exception_of(frame);
    if (frame.from_user() && amd64::is_programs_own(exception)) {
        core::user::handle_exception(frame);
        return;
    }
    if (!amd64::comes_from_outside(exception)) {
        amd64::handle_exception(frame);
        return;
    }
    if (exception == amd64::Exception::non_maskable_interrupt) {
        amd64::stop_if_asked(frame);
    }
    const core::interrupt::ContextGuard context;
    amd64::handle_exception(frame);
}

void heddle_handle_interrupt(machine::TrapFrame& frame) {
    const core::interrupt::ContextGuard context;
    const auto handler = amd64::vector_handlers[frame.vector - amd64::exception_count];
    if (handler == nullptr) {
        core::panic_in_trap(frame, "interrupt vector {} has no handler", frame.vector);
    }
    handler(static_cast<std::uint8_t>(frame.vector));
}
