// SPDX-License-Identifier: BSD-2-Clause
// The assembler between programs and the kernel as ranges of addresses, and sets of addresses in them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_system_call_entry[];
[[gnu::visibility("hidden")]] extern const char heddle_system_call_entry_end[];
[[gnu::visibility("hidden")]] extern const char heddle_user_code_end[];
[[gnu::visibility("hidden")]] extern const char heddle_exception_entry[];
[[gnu::visibility("hidden")]] extern const char heddle_exception_entry_end[];
[[gnu::visibility("hidden")]] extern const char heddle_interrupt_entry[];
[[gnu::visibility("hidden")]] extern const char heddle_interrupt_entry_end[];
}

namespace heddle::test {

/// From the first byte to behind the last.
struct Door {
    std::uint64_t begin;
    std::uint64_t end;

    Door(const char* first, const char* behind)
        : begin{reinterpret_cast<std::uintptr_t>(first)}
        , end{reinterpret_cast<std::uintptr_t>(behind)} {}

    static Door system_call() { return {heddle_system_call_entry, heddle_system_call_entry_end}; }

    static Door exception() { return {heddle_exception_entry, heddle_exception_entry_end}; }

    static Door interrupt() { return {heddle_interrupt_entry, heddle_interrupt_entry_end}; }
};

/// Which addresses of a door were seen.
class AddressSet {
  public:
    explicit AddressSet(const Door& door)
        : begin_{door.begin}
        , size_{std::min(door.end - door.begin, limit)} {}

    /// Nothing to do for an address outside of the door.
    void insert(std::uint64_t address) {
        if (address - begin_ < size_) {
            words_[(address - begin_) / 64] |= std::uint64_t{1} << (address - begin_) % 64;
        }
    }

    bool contains(std::uint64_t address) const {
        return address - begin_ < size_ &&
               (words_[(address - begin_) / 64] >> (address - begin_) % 64 & 1) != 0;
    }

    unsigned count() const {
        unsigned sum = 0;
        for (const std::uint64_t word : words_) {
            sum += static_cast<unsigned>(std::popcount(word));
        }
        return sum;
    }

    /// How many of these are not in `other`, which is of the same door.
    unsigned missing_in(const AddressSet& other) const {
        unsigned sum = 0;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            sum += static_cast<unsigned>(std::popcount(words_[i] & ~other.words_[i]));
        }
        return sum;
    }

  private:
    static constexpr std::uint64_t limit = 512;

    std::uint64_t begin_;
    std::uint64_t size_;
    std::array<std::uint64_t, limit / 64> words_{};
};

} // namespace heddle::test
