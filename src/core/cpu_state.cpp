// SPDX-License-Identifier: BSD-2-Clause
// See the header.
#include "core/cpu_state.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/symbols/symbols.hpp"
#include "core/sync/spinlock.hpp"

#include <algorithm>

namespace heddle::core {
namespace {

using cpu::CpuLocal;
using cpu::HeldLocks;

void write_set(Writer& writer, CpuSet cpus) {
    for (const CpuId cpu : cpus) {
        format_to(writer, " {}", cpu.value);
    }
}

/// What the CPU has noted; a count that cannot be right is cut.
std::span<const HeldLocks::Entry> entries_of(const HeldLocks& locks) {
    return std::span{locks.entries}.first(std::min(locks.count, HeldLocks::capacity));
}

/// A CPU that has noted a lock as held, and its note.
struct Holder {
    CpuId cpu;
    const HeldLocks::Entry* entry = nullptr; ///< null: nobody has
};

Holder holder_of(const sync::Spinlock* lock) {
    for (const CpuId other : cpu::online()) {
        const HeldLocks& locks = cpu::local(other).held_locks;
        const auto entries = entries_of(locks);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const bool has = i + 1 < entries.size() || !locks.waits;
            if (entries[i].lock == lock && has) {
                return {other, &entries[i]};
            }
        }
    }
    return {};
}

void write_holder(Writer& writer, const sync::Spinlock* lock) {
    const Holder holder = holder_of(lock);
    if (holder.entry == nullptr) {
        writer.write(", held by nobody that has noted it");
        return;
    }
    format_to(writer, ", held by CPU {} since ", holder.cpu.value);
    symbols::write_return_address(writer, VirtAddr::of(holder.entry->taken_at));
}

void write_locks(Writer& writer, const HeldLocks& locks) {
    const auto entries = entries_of(locks);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const bool waits = i + 1 == entries.size() && locks.waits;
        format_to(writer, "  {} a spinlock of rank {} {} ", waits ? "waits for" : "holds",
                  static_cast<unsigned>(entries[i].lock->rank()), waits ? "at" : "since");
        symbols::write_return_address(writer, VirtAddr::of(entries[i].taken_at));
        if (waits) {
            write_holder(writer, entries[i].lock);
        }
        writer.write("\n");
    }
}

void write_calls(Writer& writer, const CpuLocal& cpu) {
    // Relaxed, all: a report has nothing to order with.
    const auto pending = CpuSet::from_bits(cpu.broadcast.pending.load(std::memory_order_relaxed));
    if (!pending.empty()) {
        writer.write("  waits for a call of ");
        symbols::write_address(writer, VirtAddr::of(reinterpret_cast<const void*>(cpu.broadcast.function)));
        writer.write(" on CPUs");
        write_set(writer, pending);
        writer.write("\n");
    }
    const auto callers = CpuSet::from_bits(cpu.inbox.callers.load(std::memory_order_relaxed));
    if (!callers.empty()) {
        writer.write("  has not looked at the calls of CPUs");
        write_set(writer, callers);
        writer.write("\n");
    }
    if (cpu.inbox.posted.load(std::memory_order_relaxed) != nullptr) {
        writer.write("  has not looked at what was posted\n");
    }
}

} // namespace

void write_cpu_state(Writer& writer, CpuId id) {
    const CpuLocal& cpu = cpu::local(id);
    if (cpu.interrupt_depth != 0) {
        format_to(writer, "  is in {} handler(s)\n", cpu.interrupt_depth);
    }
    if (cpu.preemption_disabled != 0) {
        format_to(writer, "  is in {} read section(s)\n", cpu.preemption_disabled);
    }
    // Relaxed: a report has nothing to order with.
    if (cpu.quiescence.away.load(std::memory_order_relaxed)) {
        writer.write("  sleeps\n");
    }
    write_locks(writer, cpu.held_locks);
    write_calls(writer, cpu);
}

CpuId last_waited_for(CpuId cpu) {
    // At most once around: CPUs may wait for each other in a circle.
    for (std::uint32_t step = 0; step < cpu::online_count(); ++step) {
        const HeldLocks& locks = cpu::local(cpu).held_locks;
        const auto entries = entries_of(locks);
        const Holder holder = locks.waits && !entries.empty() ? holder_of(entries.back().lock) : Holder{};
        if (holder.entry == nullptr) {
            return cpu;
        }
        cpu = holder.cpu;
    }
    return cpu;
}

} // namespace heddle::core
