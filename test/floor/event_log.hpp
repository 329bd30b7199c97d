// SPDX-License-Identifier: BSD-2-Clause
// What happened, in order: named events with a number each, kept for a test to compare. Bounded; events
// beyond are counted.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string_view>

namespace heddle::test {

/// One event. `name` must outlive the log: a literal.
struct Event {
    std::string_view name;
    std::uint64_t value = 0;

    bool operator==(const Event&) const = default;

    friend std::ostream& operator<<(std::ostream& stream, const Event& event) {
        return stream << event.name << '(' << event.value << ')';
    }
};

/// Recorded in any context and on any CPU; read when nobody records any more.
template <std::size_t Capacity = 256>
class EventLog {
  public:
    void record(std::string_view name, std::uint64_t value = 0) {
        // Relaxed: only hands out places. Readers come later, by whatever means the test waits for the
        // recorders.
        const std::size_t place = recorded_.fetch_add(1, std::memory_order_relaxed);
        if (place < Capacity) {
            events_[place] = Event{name, value};
        }
    }

    std::span<const Event> events() const { return {events_.data(), size()}; }

    /// Events kept.
    std::size_t size() const {
        const std::size_t recorded = recorded_.load(std::memory_order_relaxed);
        return recorded < Capacity ? recorded : Capacity;
    }

    /// Events that found no room; a test that compares events wants 0.
    std::size_t lost() const { return recorded_.load(std::memory_order_relaxed) - size(); }

    void clear() { recorded_.store(0, std::memory_order_relaxed); }

  private:
    std::array<Event, Capacity> events_{};
    std::atomic<std::size_t> recorded_{0};
};

} // namespace heddle::test
