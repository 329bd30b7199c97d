// SPDX-License-Identifier: BSD-2-Clause
// The epoch, and each CPU's announcements of it.
//
// A CPU that announces (left) and one that retires and waits (right):
//
//     reads an old reference, or loads         A unlinks, or clears the entry
//       an old translation                     B epoch + 1                    (release)
//     C g = epoch              (acquire)       E announced >= B's stamp?      (acquire)
//     D drops translations                     F frees
//       announced = g          (release)
//
// C sees B: what is read after D cannot be old, since A is visible with B. E sees D: what was read before D
// was read before F. With C after D, B could fall between them: announced, but translated before A.
//
// A CPU that wakes up (left) and one that waits (right):
//
//     A away = false                           D epoch + 1, or has seen it   (acquire)
//     B full fence                             E full fence
//     C g = epoch …                            F away?
//
// Of two full fences one is first. If B is, F sees A and waits for the announcement. If E is, C sees D, so
// that the CPU drops what it had before it touches anything. Without them C may be answered before A is
// visible: F sees a sleeper, which goes on with an old translation. A CPU that has just come online is in the
// same position, with its bit for `away`.
#include "core/cpu/quiescence.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/panic.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "machine/page_table.hpp"

#include <algorithm>

namespace heddle::core::cpu {
namespace {

struct alignas(64) Epoch {
    std::atomic<std::uint64_t> now{0};
};

constinit Epoch epoch;

/// Not part of quiesce(), which every system call passes, mostly to find that nothing has changed.
[[gnu::noinline]] void catch_up(CpuLocal& cpu, Stamp now) {
    test_hooks::sync_point("quiesce: epoch read");
    machine::PageTable::invalidate_all();
    test_hooks::sync_point("quiesce: invalidated");
    // Release: pairs with the acquire in passed_until().
    cpu.quiescence.announced.store(now.value, std::memory_order_release);
}

} // namespace

Stamp retire() {
    // Release: pairs with the acquire in quiesce() and passed_until(). Increments by others in between do not
    // break the pairing: they continue the release sequence.
    return Stamp{epoch.now.fetch_add(1, std::memory_order_release) + 1};
}

Stamp newest_stamp() {
    // Acquire: pairs with the release in retire().
    return Stamp{epoch.now.load(std::memory_order_acquire)};
}

bool must_quiesce(const CpuLocal& cpu) {
    // Relaxed, both: only this CPU writes the second; of the first, nothing is announced when they agree, and
    // quiesce() looks again when they do not.
    return epoch.now.load(std::memory_order_relaxed) !=
           cpu.quiescence.announced.load(std::memory_order_relaxed);
}

void quiesce() {
    CpuLocal& cpu = current();
    HEDDLE_ASSERT(cpu.preemption_disabled == 0);
    const Stamp now = newest_stamp();
    // Relaxed: only this CPU writes it.
    if (now.value != cpu.quiescence.announced.load(std::memory_order_relaxed)) [[unlikely]] {
        catch_up(cpu, now);
    }
}

Stamp passed_until() {
    Stamp until = newest_stamp();
    // Full: with the one in come_back(), see above.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (const CpuId cpu : online()) {
        const QuiescentState& state = local(cpu).quiescence;
        // Acquire, both: pair with the releases in go_away() and quiesce(), what that CPU did before is done.
        if (!state.away.load(std::memory_order_acquire)) {
            until = std::min(until, Stamp{state.announced.load(std::memory_order_acquire)});
        }
    }
    return until;
}

void go_away() {
    CpuLocal& cpu = current();
    HEDDLE_ASSERT(cpu.preemption_disabled == 0);
    // Release: pairs with the acquire in passed_until().
    cpu.quiescence.away.store(true, std::memory_order_release);
}

bool come_back() {
    std::atomic<bool>& away = current().quiescence.away;
    // Relaxed: only this CPU writes it.
    if (!away.load(std::memory_order_relaxed)) {
        return false;
    }
    away.store(false, std::memory_order_relaxed);
    test_hooks::sync_point("come_back: not away");
    // Full: with the one in passed_until(), see above.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    quiesce();
    return true;
}

void tick() {
    if (current().preemption_disabled == 0) {
        quiesce();
    }
}

} // namespace heddle::core::cpu
