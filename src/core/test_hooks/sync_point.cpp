// SPDX-License-Identifier: BSD-2-Clause
// The traps that tests have set. In test images only.
#include "core/test_hooks/sync_point.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/panic.hpp"
#include "core/time/monotonic.hpp"

#include <array>

namespace heddle::core::test_hooks {

/// A trap goes from free through these states and back. Each step is made by one side only, so plain stores
/// with release, read with acquire, hand it over; only unset and springing race, by compare-and-swap.
struct Slot {
    enum class State : std::uint8_t {
        free,
        filling, ///< the test's, which writes the rest of it
        set,
        sprung,   ///< the CPU's: it is held, or calls the function
        released, ///< the CPU is to go on
        left,     ///< the test's again: sprung and over, or unset
    };

    std::atomic<State> state{State::free};
    std::atomic<std::uint32_t> cpu{0};
    std::string_view name;
    CpuSet cpus;
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    std::atomic<bool> has_sprung{false};
};

namespace {

using State = Slot::State;

constinit std::array<Slot, Trap::limit> slots{};

bool change(Slot& slot, State from, State to) {
    // Acquire and release: pairs with itself and with the stores below.
    return slot.state.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void spring(Slot& slot, CpuId self) {
    slot.cpu.store(self.value, std::memory_order_relaxed);
    if (slot.function != nullptr) {
        slot.function(slot.argument);
    }
    // Release: pairs with the acquire in sprung().
    slot.has_sprung.store(true, std::memory_order_release);
    while (slot.function == nullptr && slot.state.load(std::memory_order_acquire) != State::released) {
        machine::pause();
    }
    slot.state.store(State::left, std::memory_order_release);
}

Slot& take_free_slot() {
    for (Slot& slot : slots) {
        if (change(slot, State::free, State::filling)) {
            return slot;
        }
    }
    panic("more than {} traps at sync points", Trap::limit);
}

} // namespace

constinit std::atomic<std::uint32_t> detail::traps_set{0};

void detail::reach(std::string_view name) {
    const CpuId self = cpu::current().id;
    for (Slot& slot : slots) {
        // Acquire: pairs with the release that set it.
        if (slot.state.load(std::memory_order_acquire) == State::set && slot.name == name &&
            slot.cpus.contains(self) && change(slot, State::set, State::sprung)) {
            spring(slot, self);
        }
    }
}

Trap::Trap(std::string_view name, CpuSet cpus, void (*function)(void*), void* argument)
    : slot_{&take_free_slot()} {
    slot_->name = name;
    slot_->cpus = cpus;
    slot_->function = function;
    slot_->argument = argument;
    slot_->has_sprung.store(false, std::memory_order_relaxed);
    slot_->state.store(State::set, std::memory_order_release);
    detail::traps_set.fetch_add(1, std::memory_order_relaxed);
}

Trap::~Trap() {
    release();
    while (slot_->state.load(std::memory_order_acquire) != State::left) {
        machine::pause();
    }
    detail::traps_set.fetch_sub(1, std::memory_order_relaxed);
    slot_->state.store(State::free, std::memory_order_release);
}

void Trap::release() {
    if (change(*slot_, State::set, State::left) || slot_->function != nullptr) {
        return;
    }
    change(*slot_, State::sprung, State::released);
}

bool Trap::sprung() const {
    // Acquire: pairs with the release in spring().
    return slot_->has_sprung.load(std::memory_order_acquire);
}

Result<CpuId> Trap::wait_until_sprung(unsigned seconds) const {
    const Nanoseconds end = time::now() + Nanoseconds{seconds * (1_s).value};
    while (!sprung()) {
        if (time::now() > end) {
            return fail(Error::timed_out);
        }
        machine::pause();
    }
    return CpuId{slot_->cpu.load(std::memory_order_relaxed)};
}

} // namespace heddle::core::test_hooks
