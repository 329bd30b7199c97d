// SPDX-License-Identifier: BSD-2-Clause
// The one log: a ring, its rate limits, and the drain to the console.
#include "core/log/log.hpp"

#include "core/console/console.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/log/rate_limit.hpp"
#include "core/log/ring.hpp"
#include "core/sync/spinlock.hpp"
#include "core/time/monotonic.hpp"

namespace heddle::core::log {
namespace {

constexpr std::uint32_t lines_per_second = 250;

constinit std::array<Ring::Slot, 128> slots{};
constinit Ring ring{slots};
constinit std::array<RateLimit, level_names.size()> limits{
    RateLimit{lines_per_second}, RateLimit{lines_per_second}, RateLimit{lines_per_second},
    RateLimit{lines_per_second}};
constinit std::atomic<Level> threshold{Level::info};

constinit sync::Spinlock drain_lock{sync::Rank::log};
/// The next record for the console. Written under drain_lock; read without it by a panic and as a hint.
constinit std::atomic<Position> drained{0};

/// A line as people see it: `[    0.001234] warning: text` and a newline.
class Line {
  public:
    explicit Line(const Record& record) { format(record.time, record.level, record.text()); }

    explicit Line(std::uint64_t lost) {
        char text[48];
        BufferWriter writer{text};
        format_to(writer, "{} log lines lost", lost);
        format(time::now(), Level::warning, writer.text());
    }

    std::string_view text() const { return writer_.text(); }

  private:
    void format(Nanoseconds time, Level level, std::string_view text) {
        const std::uint64_t microseconds = time.value / 1000;
        format_to(writer_, "[{:5}.{:06}] ", microseconds / 1'000'000, microseconds % 1'000'000);
        if (level != Level::info) {
            format_to(writer_, "{}: ", to_string(level));
        }
        format_to(writer_, "{}\n", text);
    }

    char buffer_[longest_line + 48];
    BufferWriter writer_{buffer_};
};

/// Passes the record at drained, or the news of lost ones, to the console. Error::would_block when there is
/// none yet, Error::busy when the console is; then nothing has changed.
Result<void> drain_one() REQUIRES(drain_lock) {
    // Relaxed: only the lock's holder writes it.
    Position position = drained.load(std::memory_order_relaxed);
    Record record;
    const Ring::Outcome outcome = ring.read(position, record);
    if (outcome.state == Ring::State::nothing) {
        return fail(Error::would_block);
    }
    const Line line = outcome.state == Ring::State::lost ? Line{outcome.lost} : Line{record};
    TRY(console::try_write(line.text()));
    drained.store(position, std::memory_order_relaxed);
    return {};
}

} // namespace

void write(Level level, std::string_view line) {
    if (!enabled(level)) {
        return;
    }
    const Nanoseconds now = time::now();
    RateLimit& limit = limits[static_cast<std::size_t>(level)];
    if (!limit.admit(now)) {
        return;
    }
    if (const std::uint64_t suppressed = limit.take_suppressed(); suppressed != 0) {
        char text[48];
        BufferWriter writer{text};
        format_to(writer, "{} lines suppressed", suppressed);
        ring.append(now, level, writer.text());
    }
    ring.append(now, level, line);
    if (!cpu::in_interrupt()) {
        drain();
    }
}

// One record per hold, so that interrupts come through in between.
void drain() UNCHECKED_LOCKING {
    for (;;) {
        // Sequentially consistent: pairs with itself on the CPU that holds the lock while we append: either
        // it sees our record when it looks again, or we find the lock free.
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (drained.load(std::memory_order_relaxed) == ring.end()) {
            return;
        }
        const sync::SpinlockAttempt attempt{drain_lock};
        if (!attempt.taken() || !drain_one()) {
            return;
        }
    }
}

bool has_undrained() {
    // Relaxed: a hint; drain() looks for itself.
    return drained.load(std::memory_order_relaxed) != ring.end();
}

void write_history(Writer& writer) {
    Record record;
    Position position = ring.oldest();
    for (const Position end = ring.end(); position < end;) {
        const Ring::Outcome outcome = ring.read(position, record);
        if (outcome.state == Ring::State::nothing) {
            return;
        }
        if (outcome.state == Ring::State::record) {
            writer.write(Line{record}.text());
        }
    }
}

void write_undrained(Writer& writer) {
    Record record;
    Position position = drained.load(std::memory_order_relaxed);
    for (;;) {
        const Ring::Outcome outcome = ring.read_past_unfinished(position, record);
        if (outcome.state == Ring::State::nothing) {
            return;
        }
        writer.write(outcome.state == Ring::State::lost ? Line{outcome.lost}.text() : Line{record}.text());
    }
}

// Relaxed: a level change need not be seen at once, and nothing hangs on it.
bool enabled(Level level) {
    return level <= threshold.load(std::memory_order_relaxed);
}

void set_level(Level level) {
    threshold.store(level, std::memory_order_relaxed);
}

Result<void> set_level(std::string_view name) {
    set_level(TRY(level_from(name)));
    return {};
}

} // namespace heddle::core::log
