// SPDX-License-Identifier: BSD-2-Clause
// What trap/vectors.S calls: fix-ups, hooks, the report of an exception that nobody claims, and the interrupt
// controller.
#include "trap/trap.hpp"

#include "core/console/console.hpp"
#include "core/interrupt/context.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "core/panic.hpp"
#include "cpu/registers.hpp"
#include "trap/fixup.hpp"

#include <array>
#include <atomic>

using namespace heddle;
using machine::TrapFrame;

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_vectors[];         // kernel.ld
[[gnu::visibility("hidden")]] extern const char heddle_signing_vectors[]; // trap/vectors.S
}

namespace heddle::aarch64 {
namespace {

constexpr std::size_t exception_class_count = 64;

constinit std::array<std::atomic<ExceptionHook>, exception_class_count> exception_hooks{};
READ_ONLY_AFTER_INIT constinit InterruptSource* the_interrupt_source = nullptr;

bool run_hook(TrapFrame& frame) {
    const auto exception = static_cast<std::size_t>(Syndrome{frame.syndrome}.exception_class());
    // Relaxed: see set_exception_hook().
    const ExceptionHook hook = exception_hooks[exception].load(std::memory_order_relaxed);
    return hook != nullptr && hook(frame);
}

/// What was taken, in words: the vector says it of asynchronous ones, the syndrome of the others.
void describe_trap(Writer& writer, const TrapFrame& frame) {
    switch (frame.vector % 4) {
    case VECTOR_SP0_IRQ: writer.write("IRQ"); break;
    case VECTOR_SP0_FIQ: writer.write("FIQ, which nothing here enables"); break;
    case VECTOR_SP0_SERROR: format_to(writer, "SError, syndrome {:#x}", frame.syndrome); break;
    default: describe(writer, Syndrome{frame.syndrome}, frame.fault_address);
    }
}

} // namespace

ExceptionHook set_exception_hook(ExceptionClass exception, ExceptionHook hook) {
    // Relaxed: a hook and what it uses are set on the CPU that provokes the exception.
    return exception_hooks[static_cast<std::size_t>(exception)].exchange(hook, std::memory_order_relaxed);
}

void set_interrupt_source(InterruptSource& source) {
    the_interrupt_source = &source;
}

InterruptSource* interrupt_source() {
    return the_interrupt_source;
}

void install_vectors(const machine::CpuData& cpu, const CpuFeatures& features) {
    asm volatile("msr SPSel, #1\n\tmov sp, %0\n\tmsr SPSel, #0" ::"r"(cpu.frame_stack) : "memory");
    const char* const vectors = features.pointer_authentication ? heddle_signing_vectors : heddle_vectors;
    WRITE_SYSTEM_REGISTER(vbar_el1, VirtAddr::of(vectors).value);
    // Stepping and breakpoints are off, whatever firmware did, and can be turned on for programs alone:
    // PSTATE.D is never cleared in the kernel.
    WRITE_SYSTEM_REGISTER(mdscr_el1, 0);
    WRITE_SYSTEM_REGISTER(oslar_el1, 0);
    instruction_barrier();
    asm volatile("msr daifclr, #4" ::: "memory"); // SErrors: one that firmware left pending is reported now
}

} // namespace heddle::aarch64

namespace {

[[noreturn]] void report(const TrapFrame& frame) {
    char buffer[160];
    BufferWriter text{buffer};
    aarch64::describe_trap(text, frame);
    core::panic_in_trap(frame, "{}", text.text());
}

} // namespace

extern "C" {
void heddle_handle_exception(TrapFrame& frame);
void heddle_handle_serror(TrapFrame& frame);
void heddle_handle_interrupt(TrapFrame& frame);
[[noreturn]] void heddle_handle_hopeless(TrapFrame& frame);
}

/// Synchronous ones from the kernel, and what should not come at all. Interrupts off, on one of the CPU's
/// exception stacks.
void heddle_handle_exception(TrapFrame& frame) {
    if (frame.vector != VECTOR_SP0_SYNCHRONOUS ||
        !(aarch64::apply_fixup(frame) || aarch64::run_hook(frame))) {
        report(frame);
    }
}

/// SErrors, from the kernel and from programs: like an interrupt that is only ever masked by entry and exit.
/// Everything masked, on the CPU's stack for them.
void heddle_handle_serror(TrapFrame& frame) {
    const core::interrupt::ContextGuard context;
    if (!aarch64::run_hook(frame)) {
        report(frame);
    }
}

/// IRQs, from the kernel and from programs. On the CPU's interrupt stack: each starts at its top, so that
/// they never nest.
void heddle_handle_interrupt(TrapFrame& frame) {
    core::cpu::CpuLocal& cpu = core::cpu::current();
    if (cpu.interrupt_depth != 0) {
        core::panic_in_trap(frame, "an interrupt inside an interrupt handler");
    }
    aarch64::InterruptSource* const source = aarch64::interrupt_source();
    if (source == nullptr) {
        core::panic_in_trap(frame, "an interrupt before there is a controller");
    }
    const core::interrupt::ContextGuard context;
    cpu.machine.interrupted = &frame;
    source->handle_pending();
    cpu.machine.interrupted = nullptr;
}

/// A fault while one was being reported for the second time, or inside the vectors' own code: says so and
/// ends without another try at a full report.
void heddle_handle_hopeless(TrapFrame& frame) {
    Writer& console = core::console::emergency_output();
    console.write("\npanic: exception inside the handling of exceptions: ");
    aarch64::describe_trap(console, frame);
    format_to(console, " at {:#x}, stack pointer {:#x}\n", frame.pc(), frame.sp());
    machine::exit(core::panic_status);
}
