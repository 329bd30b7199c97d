// SPDX-License-Identifier: BSD-2-Clause
// The table of handlers, and the loop on the way out.
#include "core/user/entry.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/panic.hpp"

#include <atomic>

namespace heddle::core::user {
namespace {

[[noreturn]] void refuse(machine::TrapFrame& frame) {
    panic_in_trap(frame, "an entry from user mode, and nobody handles it");
}

/// In the place of none, so that no entry has to ask.
constexpr Handlers nobody{.system_call = refuse,
                          .exception = refuse,
                          .work = [](machine::TrapFrame& frame, std::uint32_t) { refuse(frame); }};

constinit std::atomic<const Handlers*> current_handlers{&nobody};

const Handlers& handlers() {
    // Relaxed: no CPU is in user mode when they are set; what brought this one there since ordered it.
    return *current_handlers.load(std::memory_order_relaxed);
}

/// Not part of prepare_return(), whose fast path each system call takes.
[[gnu::noinline]] void work_off(std::atomic<std::uint32_t>& requested, machine::TrapFrame& frame) {
    // Relaxed: the exchange orders; whoever sets a flag after it interrupts this CPU, which comes by here
    // again.
    while (requested.load(std::memory_order_relaxed) != 0) {
        // Acquire: pairs with the release in request_work().
        const std::uint32_t flags = requested.exchange(0, std::memory_order_acquire);
        machine::enable_interrupts();
        handlers().work(frame, flags);
        machine::disable_interrupts();
    }
}

} // namespace

const Handlers* set_handlers(const Handlers* handlers) {
    // Both: for who sets them next; see handlers().
    const Handlers* const before =
        current_handlers.exchange(handlers == nullptr ? &nobody : handlers, std::memory_order_acq_rel);
    return before == &nobody ? nullptr : before;
}

void request_work(CpuId cpu, std::uint32_t flags) {
    // Release: pairs with the acquire in prepare_return(), what the flags are about is seen.
    cpu::local(cpu).user_work.fetch_or(flags, std::memory_order_release);
}

void handle_system_call(machine::TrapFrame& frame) {
    machine::enable_interrupts();
    handlers().system_call(frame);
    machine::disable_interrupts();
}

void handle_exception(machine::TrapFrame& frame) {
    handlers().exception(frame);
    machine::disable_interrupts();
}

bool return_takes_work() {
    // Relaxed: see prepare_return().
    const cpu::CpuLocal& cpu = cpu::current();
    return cpu.user_work.load(std::memory_order_relaxed) != 0 || cpu::must_quiesce(cpu);
}

void prepare_return(machine::TrapFrame& frame) {
    std::atomic<std::uint32_t>& requested = cpu::current().user_work;
    // Relaxed: see work_off().
    if (requested.load(std::memory_order_relaxed) != 0) [[unlikely]] {
        work_off(requested, frame);
    }
    cpu::quiesce();
}

} // namespace heddle::core::user
