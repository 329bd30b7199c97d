// SPDX-License-Identifier: BSD-2-Clause
// Keys between the receive interrupt and whoever polls: one writer, one reader, no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace heddle::core::console {

class InputRing {
  public:
    static constexpr std::uint32_t capacity = 256;

    /// Whether put() would drop its character. The writer's question.
    bool full() const {
        // Relaxed: only the writer writes it. Acquire: pairs with the release in take(): the place has been
        // read.
        return end_.load(std::memory_order_relaxed) - begin_.load(std::memory_order_acquire) >= capacity;
    }

    /// Adds `c`, or drops it when nobody has read for too long. One caller at a time; never waits.
    void put(char c) {
        if (full()) {
            return;
        }
        const std::uint32_t end = end_.load(std::memory_order_relaxed);
        characters_[end % capacity] = c;
        // Release: pairs with the acquire in take().
        end_.store(end + 1, std::memory_order_release);
    }

    /// Whether take() would find nothing.
    bool empty() const {
        // Relaxed: a hint to others; the reader's take() decides.
        return begin_.load(std::memory_order_relaxed) == end_.load(std::memory_order_relaxed);
    }

    /// The oldest character. One caller at a time; never waits.
    std::optional<char> take() {
        const std::uint32_t begin = begin_.load(std::memory_order_relaxed);
        // Acquire: pairs with the release in put(): the character is there.
        if (begin == end_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
        const char c = characters_[begin % capacity];
        // Release: pairs with the acquire in put().
        begin_.store(begin + 1, std::memory_order_release);
        return c;
    }

  private:
    std::atomic<std::uint32_t> begin_{0};
    std::atomic<std::uint32_t> end_{0};
    std::array<char, capacity> characters_{};
};

} // namespace heddle::core::console
