// SPDX-License-Identifier: BSD-2-Clause
// A ring of log records that any number of writers share without locks; the oldest records make room for new
// ones.
#pragma once

#include "core/log/level.hpp"
#include "lib/units.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

namespace heddle::core::log {

/// The most bytes of one line that are kept.
inline constexpr std::size_t longest_line = 240;

/// One line as it comes out of the ring.
struct Record {
    Nanoseconds time;
    Level level = Level::info;
    std::size_t length = 0;
    std::array<char, longest_line> buffer;

    std::string_view text() const { return {buffer.data(), length}; }
};

/// Where a reader stands: the number of the next record. Records are numbered from 0 in the order of
/// append().
using Position = std::uint64_t;

/// Multi-producer, any number of readers. Does not own its slots, which start out zeroed.
///
/// Each record has a number, its slot is the number modulo the slots. A writer claims a slot by making its
/// sequence odd, fills it and publishes an even one; a slot in which an older writer is still busy (it was
/// interrupted, and lapped) is left alone and the record is given up. A reader copies, then looks whether the
/// sequence has changed meanwhile. The payload is atomic words, so a lapped reader's copy is garbage that is
/// thrown away and not undefined behaviour.
class Ring {
  public:
    struct Slot {
        static constexpr std::size_t words = longest_line / sizeof(std::uint64_t);

        /// 0 at first; 2n + 1 while record n is written; 2n + 2 once it is there.
        std::atomic<std::uint64_t> sequence{0};
        /// n + 1 for the latest record n that was given up here.
        std::atomic<std::uint64_t> given_up{0};
        std::atomic<std::uint64_t> time{0};
        /// Length, and the level above bit 32.
        std::atomic<std::uint64_t> length_and_level{0};
        std::array<std::atomic<std::uint64_t>, words> text{};
    };

    /// What read() found.
    enum class State : std::uint8_t {
        record,  ///< a record; the position has moved on
        lost,    ///< one or more records are gone; the position has moved on past them
        nothing, ///< no record is there yet; the position has not moved
    };

    struct Outcome {
        State state = State::nothing;
        std::uint64_t lost = 0; ///< how many records were passed over
    };

    constexpr explicit Ring(std::span<Slot> slots)
        : slots_{slots} {}

    /// Adds a record; a longer text is cut. Any context, interrupts and NMIs included; never waits.
    void append(Nanoseconds time, Level level, std::string_view text);

    /// Copies the record at `position` to `record`. Any context; never waits.
    Outcome read(Position& position, Record& record) const;

    /// As read(), but passes over a record that is being written: for the panic that interrupted its writer.
    Outcome read_past_unfinished(Position& position, Record& record) const;

    /// The position of the oldest record that can still be there.
    Position oldest() const;
    /// The position after the newest.
    Position end() const;

  private:
    static bool copy(const Slot& slot, std::uint64_t published, Record& record);

    std::span<Slot> slots_;
    std::atomic<std::uint64_t> next_{0};
};

} // namespace heddle::core::log
