// SPDX-License-Identifier: BSD-2-Clause
// Keeps each CPU's stack of held spinlocks and compares ranks. Called in test images only.
#include "core/sync/lock_order.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/panic.hpp"
#include "core/symbols/symbols.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/spinlock.hpp"

namespace heddle::core::sync::detail {
namespace {

/// Where a call came from, with its symbol: one line's worth of text.
class Site {
  public:
    explicit Site(const void* address) { symbols::write_address(writer_, VirtAddr::of(address)); }

    std::string_view text() const { return writer_.text(); }

  private:
    char buffer_[160];
    BufferWriter writer_{buffer_};
};

[[noreturn, gnu::cold]] void report(const char* what, const cpu::HeldLocks::Entry& held, const Spinlock& lock,
                                    const void* site) {
    panic("{}: rank {} taken at {} while rank {} is held since {}", what, static_cast<unsigned>(lock.rank()),
          Site{site}.text(), static_cast<unsigned>(held.lock->rank()), Site{held.taken_at}.text());
}

} // namespace

void note_taken(const Spinlock& lock, bool waits) {
    cpu::HeldLocks& held = cpu::current().held_locks;
    const void* site = __builtin_return_address(0);
    for (std::size_t i = 0; waits && i < held.count; ++i) {
        if (held.entries[i].lock == &lock) {
            report("spinlock taken twice", held.entries[i], lock, site);
        }
        if (held.entries[i].lock->rank() >= lock.rank()) {
            report("lock order", held.entries[i], lock, site);
        }
    }
    if (held.count == held.capacity) {
        panic("more than {} spinlocks held", held.capacity);
    }
    held.entries[held.count++] = {&lock, site};
}

void note_waiting(bool waits) {
    cpu::current().held_locks.waits = waits;
}

void note_released(const Spinlock& lock) {
    cpu::HeldLocks& held = cpu::current().held_locks;
    std::size_t i = held.count;
    while (i > 0 && held.entries[i - 1].lock != &lock) {
        --i;
    }
    if (i == 0) {
        panic("a spinlock of rank {} is released and was not held", static_cast<unsigned>(lock.rank()));
    }
    for (; i < held.count; ++i) {
        held.entries[i - 1] = held.entries[i];
    }
    --held.count;
}

void check_none_held() {
    const InterruptsOff off;
    const cpu::HeldLocks& held = cpu::current().held_locks;
    if (held.count != 0) {
        const cpu::HeldLocks::Entry& innermost = held.entries[held.count - 1];
        panic("waiting for other CPUs at {} while a spinlock of rank {} is held since {}",
              Site{__builtin_return_address(0)}.text(), static_cast<unsigned>(innermost.lock->rank()),
              Site{innermost.taken_at}.text());
    }
}

} // namespace heddle::core::sync::detail
