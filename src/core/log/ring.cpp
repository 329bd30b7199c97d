// SPDX-License-Identifier: BSD-2-Clause
// The ring's protocol. Also compiled for the host, where test/host runs it under ThreadSanitizer.
#include "core/log/ring.hpp"

#include <algorithm>
#include <cstring>

namespace heddle::core::log {
namespace {

constexpr std::uint64_t writing(std::uint64_t number) {
    return 2 * number + 1;
}

constexpr std::uint64_t published(std::uint64_t number) {
    return 2 * number + 2;
}

} // namespace

void Ring::append(Nanoseconds time, Level level, std::string_view text) {
    // Relaxed: the number alone; the slot's sequence orders the rest.
    const std::uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
    Slot& slot = slots_[number % slots_.size()];
    // Relaxed: the exchange below decides.
    std::uint64_t sequence = slot.sequence.load(std::memory_order_relaxed);
    do {
        if (sequence % 2 != 0 || sequence > writing(number)) {
            // Release: pairs with the acquire load in read(); max, because lapped writers may come in any
            // order.
            std::uint64_t before = slot.given_up.load(std::memory_order_relaxed);
            while (before < number + 1 &&
                   !slot.given_up.compare_exchange_weak(before, number + 1, std::memory_order_release,
                                                        std::memory_order_relaxed)) {
            }
            return;
        }
        // Acquire: pairs with the release store below of the slot's previous writer, whose words come before
        // ours.
    } while (!slot.sequence.compare_exchange_weak(sequence, writing(number), std::memory_order_acquire,
                                                  std::memory_order_relaxed));
    // Release: a reader that sees one of the words below, and then fences, sees the claim above (copy()).
    std::atomic_thread_fence(std::memory_order_release);
    const std::size_t length = std::min(text.size(), longest_line);
    slot.time.store(time.value, std::memory_order_relaxed);
    slot.length_and_level.store(length | std::uint64_t{static_cast<std::uint8_t>(level)} << 32,
                                std::memory_order_relaxed);
    for (std::size_t at = 0; at < length; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, std::min(sizeof(word), length - at));
        slot.text[at / sizeof(word)].store(word, std::memory_order_relaxed);
    }
    // Release: pairs with the acquire load in read().
    slot.sequence.store(published(number), std::memory_order_release);
}

bool Ring::copy(const Slot& slot, std::uint64_t expected, Record& record) {
    record.time = Nanoseconds{slot.time.load(std::memory_order_relaxed)};
    const std::uint64_t length_and_level = slot.length_and_level.load(std::memory_order_relaxed);
    record.level = static_cast<Level>((length_and_level >> 32) & 3);
    record.length = std::min<std::size_t>(length_and_level & 0xffff'ffff, longest_line);
    for (std::size_t at = 0; at < record.length; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = slot.text[at / sizeof(word)].load(std::memory_order_relaxed);
        std::memcpy(record.buffer.data() + at, &word, std::min(sizeof(word), record.length - at));
    }
    // Acquire: pairs with the release fence in append(): if a word was a later writer's, so is the sequence
    // now.
    std::atomic_thread_fence(std::memory_order_acquire);
    return slot.sequence.load(std::memory_order_relaxed) == expected;
}

Ring::Outcome Ring::read(Position& position, Record& record) const {
    const Position first = oldest();
    if (position < first) {
        const std::uint64_t lost = first - position;
        position = first;
        return {State::lost, lost};
    }
    if (position >= end()) {
        return {};
    }
    const Slot& slot = slots_[position % slots_.size()];
    // Acquire: pairs with the release store in append().
    const std::uint64_t sequence = slot.sequence.load(std::memory_order_acquire);
    if (sequence == published(position) && copy(slot, sequence, record)) {
        ++position;
        return {State::record, 0};
    }
    // Acquire: pairs with the release exchange in append().
    if (sequence >= published(position) || slot.given_up.load(std::memory_order_acquire) > position) {
        ++position;
        return {State::lost, 1};
    }
    return {};
}

Ring::Outcome Ring::read_past_unfinished(Position& position, Record& record) const {
    Outcome outcome = read(position, record);
    if (outcome.state == State::nothing && position < end()) {
        ++position;
        outcome = {State::lost, 1};
    }
    return outcome;
}

Position Ring::oldest() const {
    const Position newest = end();
    return newest > slots_.size() ? newest - slots_.size() : 0;
}

Position Ring::end() const {
    // Relaxed: a record's content is ordered by its slot's sequence.
    return next_.load(std::memory_order_relaxed);
}

} // namespace heddle::core::log
