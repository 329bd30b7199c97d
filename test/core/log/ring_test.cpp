// SPDX-License-Identifier: BSD-2-Clause
// The log's ring with one writer: order, wrap, loss, unfinished records. Many writers: test/host, under
// ThreadSanitizer.
#include "core/log/ring.hpp"
#include "lib/format.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::log::Level;
using core::log::longest_line;
using core::log::Position;
using core::log::Record;
using core::log::Ring;

/// A ring of four.
struct SmallRing {
    std::array<Ring::Slot, 4> slots{};
    Ring ring{slots};
    Position position = 0;
    Record record;

    void append(std::uint64_t number) {
        char text[20];
        BufferWriter writer{text};
        format_to(writer, "line {}", number);
        ring.append(Nanoseconds{number}, Level::info, writer.text());
    }

    Ring::Outcome read() { return ring.read(position, record); }

    bool next_is(std::uint64_t number) {
        return read().state == Ring::State::record && record.time == Nanoseconds{number};
    }
};

TEST_CASE("log ring: records come out as they went in, and then there is nothing") {
    SmallRing small;
    CHECK(small.read().state == Ring::State::nothing);
    small.ring.append(5_us, Level::warning, "thread is loose");
    REQUIRE(small.read().state == Ring::State::record);
    CHECK(small.record.time == 5_us);
    CHECK(small.record.level == Level::warning);
    CHECK(small.record.text() == "thread is loose");
    CHECK(small.read().state == Ring::State::nothing);
}

TEST_CASE("log ring: an empty line and one of every length up to the longest keep their bytes") {
    SmallRing small;
    std::array<char, longest_line> text;
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>('a' + i % 26);
    }
    bool all = true;
    for (std::size_t length = 0; length <= longest_line; ++length) {
        const std::string_view line{text.data(), length};
        small.ring.append({}, Level::info, line);
        all = all && small.read().state == Ring::State::record && small.record.text() == line;
    }
    CHECK(all);
}

TEST_CASE("log ring: a line that is too long is cut") {
    SmallRing small;
    std::array<char, longest_line + 1> text;
    text.fill('x');
    small.ring.append({}, Level::info, {text.data(), text.size()});
    REQUIRE(small.read().state == Ring::State::record);
    CHECK(small.record.length == longest_line);
}

TEST_CASE("log ring: a reader that keeps up loses nothing over many turns") {
    SmallRing small;
    bool all = true;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        small.append(number);
        all = all && small.next_is(number);
    }
    CHECK(all);
}

TEST_CASE("log ring: the oldest make room, and the reader is told how many are gone") {
    SmallRing small;
    for (std::uint64_t number = 0; number < 7; ++number) {
        small.append(number);
    }
    CHECK(small.ring.oldest() == 3);
    const Ring::Outcome outcome = small.read();
    CHECK(outcome.state == Ring::State::lost);
    CHECK(outcome.lost == 3);
    for (std::uint64_t number = 3; number < 7; ++number) {
        CHECK(small.next_is(number));
    }
    CHECK(small.read().state == Ring::State::nothing);
}

TEST_CASE("log ring: a record that its writer has not finished holds the reader up, but not a panic") {
    SmallRing small;
    small.append(0);
    small.append(1);
    small.slots[0].sequence.store(1); // as if the writer of record 0 were interrupted in the middle
    CHECK(small.read().state == Ring::State::nothing);
    CHECK(small.position == 0);
    CHECK(small.ring.read_past_unfinished(small.position, small.record).lost == 1);
    CHECK(small.next_is(1));
    CHECK(small.ring.read_past_unfinished(small.position, small.record).state == Ring::State::nothing);
}

TEST_CASE(
    "log ring: a writer that laps an interrupted one gives its record up and leaves the other's slot alone") {
    SmallRing small;
    for (std::uint64_t number = 0; number < 4; ++number) {
        small.append(number);
    }
    small.slots[0].sequence.store(1); // the writer of record 0 is still at it
    small.append(4);                  // would go into slot 0
    small.append(5);
    CHECK(small.slots[0].sequence.load() == 1);
    CHECK(small.read().lost == 2); // 0 and 1 are out of the window
    CHECK(small.next_is(2));
    CHECK(small.next_is(3));
    CHECK(small.read().lost == 1); // 4 was given up
    CHECK(small.next_is(5));
}

TEST_CASE("log ring: a slow writer that publishes after it was lapped does not bring its old record back") {
    SmallRing small;
    for (std::uint64_t number = 0; number < 4; ++number) {
        small.append(number);
    }
    small.slots[1].sequence.store(3); // the writer of record 1
    small.append(4);
    small.append(5);                  // given up
    small.slots[1].sequence.store(4); // record 1 is there, too late
    CHECK(small.read().lost == 2);
    CHECK(small.next_is(2));
    CHECK(small.next_is(3));
    CHECK(small.next_is(4));
    CHECK(small.read().lost == 1);
    CHECK(small.read().state == Ring::State::nothing);
}

} // namespace
} // namespace heddle::test
