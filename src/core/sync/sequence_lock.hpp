// SPDX-License-Identifier: BSD-2-Clause
// A sequence lock: readers never write and retry when a writer was at it; writers exclude each other by a
// spinlock. After Boehm, "Can seqlocks get along with programming language memory models?" (MSPC 2012): the
// data are relaxed atomics.
#pragma once

#include "core/sync/spinlock.hpp"
#include "core/test_hooks/sync_point.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace heddle::core::sync {

/// A `T` that is read as a whole and never torn. T: trivially copyable, a multiple of 8 bytes.
///
/// A reader (left) and a writer (right):
///
///     A s = sequence, even          (acquire)       E sequence = odd
///     B reads the words             (relaxed)       F release fence
///     C acquire fence                               G writes the words      (relaxed)
///     D sequence = s still?         (relaxed)       H sequence = next even  (release)
///
/// If B reads a word of G, then C after F: D sees E or later and reads again. If A sees H, B sees all of G.
template <class T>
    requires(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0)
class SequenceLocked {
  public:
    constexpr explicit SequenceLocked(Rank rank)
        : writers_{rank} {}

    /// A consistent copy. Any context but an NMI-like one that may have interrupted the writer.
    T read() const {
        for (;;) {
            const std::uint64_t before =
                sequence_.load(std::memory_order_acquire); // pairs with the release in write()
            Words words;
            for (std::size_t i = 0; i < words.size(); ++i) {
                words[i] = words_[i].load(std::memory_order_relaxed);
                if (i == 0) {
                    test_hooks::sync_point("sequence_lock: read half");
                }
            }
            std::atomic_thread_fence(std::memory_order_acquire); // pairs with the release fence in write()
            if (sequence_.load(std::memory_order_relaxed) == before && before % 2 == 0) {
                T value;
                std::memcpy(&value, words.data(), sizeof(T));
                return value;
            }
            test_hooks::sync_point("sequence_lock: to read again");
            machine::pause();
        }
    }

    void write(const T& value) {
        const SpinlockGuard guard{writers_};
        Words words;
        std::memcpy(words.data(), &value, sizeof(T));
        const std::uint64_t before = sequence_.load(std::memory_order_relaxed); // only writers change it
        sequence_.store(before + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release); // pairs with the acquire fence in read()
        for (std::size_t i = 0; i < words.size(); ++i) {
            words_[i].store(words[i], std::memory_order_relaxed);
            if (i == 0) {
                test_hooks::sync_point("sequence_lock: written half");
            }
        }
        sequence_.store(before + 2, std::memory_order_release); // pairs with the acquire load in read()
    }

  private:
    using Words = std::array<std::uint64_t, sizeof(T) / sizeof(std::uint64_t)>;

    Spinlock writers_;
    std::atomic<std::uint64_t> sequence_{0};
    std::array<std::atomic<std::uint64_t>, sizeof(T) / sizeof(std::uint64_t)> words_{};
};

} // namespace heddle::core::sync
