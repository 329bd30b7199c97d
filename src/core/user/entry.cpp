// SPDX-License-Identifier: BSD-2-Clause
// The table of handlers, and the loop on the way out.
#include "core/user/entry.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/panic.hpp"

#include <atomic>

namespace heddle::core::user {
namespace {

constinit std::atomic<const Handlers*> current_handlers{nullptr};

const Handlers& handlers(const machine::TrapFrame& frame) {
    // Acquire: pairs with the release in set_handlers().
    const Handlers* const found = current_handlers.load(std::memory_order_acquire);
    if (found == nullptr) {
        panic_in_trap(frame, "an entry from user mode, and nobody handles it");
    }
    return *found;
}

} // namespace

const Handlers* set_handlers(const Handlers* handlers) {
    // Release: pairs with the acquire in handlers().
    return current_handlers.exchange(handlers, std::memory_order_acq_rel);
}

void request_work(CpuId cpu, std::uint32_t flags) {
    // Release: pairs with the acquire in prepare_return(), what the flags are about is seen.
    cpu::local(cpu).user_work.fetch_or(flags, std::memory_order_release);
}

void handle_system_call(machine::TrapFrame& frame) {
    machine::enable_interrupts();
    handlers(frame).system_call(frame);
    machine::disable_interrupts();
}

void handle_exception(machine::TrapFrame& frame) {
    handlers(frame).exception(frame);
    machine::disable_interrupts();
}

void prepare_return(machine::TrapFrame& frame) {
    std::atomic<std::uint32_t>& requested = cpu::current().user_work;
    // Relaxed: the exchange orders; whoever sets a flag after it interrupts this CPU, which comes by here
    // again.
    while (requested.load(std::memory_order_relaxed) != 0) {
        // Acquire: pairs with the release in request_work().
        const std::uint32_t flags = requested.exchange(0, std::memory_order_acquire);
        machine::enable_interrupts();
        handlers(frame).work(frame, flags);
        machine::disable_interrupts();
    }
    cpu::quiesce();
}

} // namespace heddle::core::user
