// SPDX-License-Identifier: BSD-2-Clause
// The table of interrupt handlers. dispatch() takes no lock; connect and disconnect wait for it to have left
// a line.
#include "core/interrupt/interrupts.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/log/log.hpp"
#include "core/sync/spinlock.hpp"

#include <array>
#include <atomic>

namespace heddle::core::interrupt {
namespace {

using Function = void (*)(void*);

struct Line {
    /// Null: nobody is connected. Written under table_lock.
    std::atomic<Function> function{nullptr};
    std::atomic<void*> argument{nullptr};
    /// CPUs between reading `function` and returning from it.
    std::atomic<std::uint32_t> running{0};
    std::atomic<std::uint32_t> reserved{0};
    std::atomic<std::uint64_t> count{0};
};

constinit std::array<Line, InterruptId::limit> lines{};
constinit std::atomic<std::uint64_t> spurious{0};
constinit sync::Spinlock table_lock{sync::Rank::interrupts};

/// Makes `line` ours, not yet visible to dispatch(). Error::busy when it is somebody's.
Result<void> reserve(Line& line) {
    const sync::SpinlockGuard guard{table_lock};
    // Relaxed: under the lock.
    if (line.reserved.load(std::memory_order_relaxed) != 0) {
        return fail(Error::busy);
    }
    line.reserved.store(1, std::memory_order_relaxed);
    return {};
}

void release(Line& line) {
    // Sequentially consistent: with the increment and the load in dispatch(): either that sees null, or we
    // see it running.
    line.function.store(nullptr, std::memory_order_seq_cst);
    // Acquire at least: pairs with the release decrement in dispatch(), so that what the handler did is seen.
    while (line.running.load(std::memory_order_seq_cst) != 0) {
        machine::pause();
    }
    const sync::SpinlockGuard guard{table_lock};
    line.reserved.store(0, std::memory_order_relaxed);
}

} // namespace

Result<void> connect(Controller& controller, InterruptId interrupt, Trigger trigger, Polarity polarity,
                     Handler handler) {
    if (interrupt.value >= InterruptId::limit) {
        return fail(Error::out_of_range);
    }
    Line& line = lines[interrupt.value];
    TRY(reserve(line));
    line.argument.store(handler.argument, std::memory_order_relaxed);
    // Release: pairs with the load in dispatch(), which then reads the argument.
    line.function.store(handler.function, std::memory_order_release);
    auto enabled = controller.enable(interrupt, trigger, polarity, cpu::current().id);
    if (!enabled) {
        release(line);
    }
    return enabled;
}

void disconnect(Controller& controller, InterruptId interrupt) {
    controller.disable(interrupt);
    release(lines[interrupt.value]);
}

void dispatch(InterruptId interrupt) {
    if (interrupt.value < InterruptId::limit) {
        Line& line = lines[interrupt.value];
        // Relaxed: a figure.
        line.count.fetch_add(1, std::memory_order_relaxed);
        // Sequentially consistent, both: see release().
        line.running.fetch_add(1, std::memory_order_seq_cst);
        const Function function = line.function.load(std::memory_order_seq_cst);
        if (function != nullptr) {
            function(line.argument.load(std::memory_order_relaxed));
        }
        // Release: pairs with the load in release().
        line.running.fetch_sub(1, std::memory_order_release);
        if (function != nullptr) {
            return;
        }
    }
    spurious.fetch_add(1, std::memory_order_relaxed);
    log::warning("interrupt {} has no handler", interrupt.value);
}

std::uint64_t count(InterruptId interrupt) {
    return interrupt.value < InterruptId::limit ? lines[interrupt.value].count.load(std::memory_order_relaxed)
                                                : 0;
}

std::uint64_t spurious_count() {
    return spurious.load(std::memory_order_relaxed);
}

} // namespace heddle::core::interrupt
