// SPDX-License-Identifier: BSD-2-Clause
// The traps that tests have set. In test images only.
#include "core/test_hooks/sync_point.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/panic.hpp"
#include "core/time/monotonic.hpp"

#include <array>

namespace heddle::core::test_hooks {

/// A trap goes from free through these states and back. Each step is made by one side only, so plain stores
/// with release, read with acquire, hand it over; only unset and springing race, by compare-and-swap. A CPU
/// that is slow between looking at a trap and springing it must not spring the next one in its place: so the
/// word that it swaps has the trap's number, and what it looks at is atomic.
struct Slot {
    enum class State : std::uint8_t {
        free,
        filling, ///< the test's, which writes the rest of it
        set,
        sprung,   ///< the CPU's: it is held, or calls the function
        released, ///< the CPU is to go on
        left,     ///< the test's again: sprung and over, or unset
    };

    /// The state in the low 8 bits, above it how many traps were in the slot before.
    std::atomic<std::uint64_t> word{0};
    std::atomic<std::uint32_t> cpu{0};
    std::atomic<const char*> name{""};
    std::atomic<std::uint64_t> cpus{0};
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    std::atomic<bool> has_sprung{false};

    static constexpr State state_of(std::uint64_t word) { return static_cast<State>(word & 0xff); }

    static constexpr std::uint64_t with(std::uint64_t word, State state) {
        return (word & ~std::uint64_t{0xff}) | static_cast<std::uint64_t>(state);
    }

    // Acquire: pairs with the releases in set() and change().
    State state() const { return state_of(word.load(std::memory_order_acquire)); }

    /// By the side whose turn it is.
    void set(State state) {
        word.store(with(word.load(std::memory_order_relaxed), state), std::memory_order_release);
    }

    /// From exactly `from`, so from the same trap's.
    bool change(std::uint64_t from, State to) {
        // Acquire and release: pairs with itself and with set().
        return word.compare_exchange_strong(from, with(from, to), std::memory_order_acq_rel,
                                            std::memory_order_relaxed);
    }

    bool change(State from, State to) { return change(with(word.load(std::memory_order_relaxed), from), to); }
};

namespace {

using State = Slot::State;

constinit std::array<Slot, Trap::limit> slots{};

void spring(Slot& slot, CpuId self) {
    slot.cpu.store(self.value, std::memory_order_relaxed);
    if (slot.function != nullptr) {
        slot.function(slot.argument);
    }
    // Release: pairs with the acquire in sprung().
    slot.has_sprung.store(true, std::memory_order_release);
    while (slot.function == nullptr && slot.state() != State::released) {
        machine::pause();
    }
    slot.set(State::left);
}

Slot& take_free_slot() {
    for (Slot& slot : slots) {
        if (slot.change(State::free, State::filling)) {
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
        // Acquire: pairs with the release that set it. Relaxed: if another trap is there meanwhile, change()
        // fails.
        const std::uint64_t word = slot.word.load(std::memory_order_acquire);
        if (Slot::state_of(word) == State::set && slot.name.load(std::memory_order_relaxed) == name &&
            CpuSet::from_bits(slot.cpus.load(std::memory_order_relaxed)).contains(self) &&
            slot.change(word, State::sprung)) {
            spring(slot, self);
        }
    }
}

Trap::Trap(std::string_view name, CpuSet cpus, void (*function)(void*), void* argument)
    : slot_{&take_free_slot()} {
    slot_->name.store(name.data(), std::memory_order_relaxed);
    slot_->cpus.store(cpus.bits(), std::memory_order_relaxed);
    slot_->function = function;
    slot_->argument = argument;
    slot_->has_sprung.store(false, std::memory_order_relaxed);
    slot_->set(State::set);
    detail::traps_set.fetch_add(1, std::memory_order_relaxed);
}

Trap::~Trap() {
    release();
    while (slot_->state() != State::left) {
        machine::pause();
    }
    detail::traps_set.fetch_sub(1, std::memory_order_relaxed);
    // The next trap has the next number. Release: pairs with the acquire in take_free_slot().
    slot_->word.store(Slot::with(slot_->word.load(std::memory_order_relaxed) + 0x100, State::free),
                      std::memory_order_release);
}

void Trap::release() {
    if (slot_->change(State::set, State::left) || slot_->function != nullptr) {
        return;
    }
    slot_->change(State::sprung, State::released);
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
