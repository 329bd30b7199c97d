// SPDX-License-Identifier: BSD-2-Clause
// The kernel's own log: what reaches the console, when, and in which form.
#include "core/console/command.hpp"
#include "core/interrupt/context.hpp"
#include "core/log/log.hpp"
#include "core/time/monotonic.hpp"
#include "machine/cpu.hpp"
#include "test/floor/captured_console.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/others_held.hpp"
#include "test/floor/virtual_clock.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core;

/// Keeps the log at a level for a block.
class LevelScope {
  public:
    explicit LevelScope(log::Level level) { log::set_level(level); }

    ~LevelScope() { log::set_level(log::Level::info); }
};

/// The log's time stands still where the test puts it, for a block.
class LogTime {
  public:
    explicit LogTime(Nanoseconds time)
        : clock_{time}
        , before_{core::time::set_clock(&clock_)} {}

    ~LogTime() { core::time::set_clock(before_); }

    void advance(Nanoseconds step) { clock_.advance(step); }

  private:
    VirtualClock clock_;
    const core::time::ClockDevice* before_;
};

TEST_CASE("log: a line reaches the console at once, with time and level") {
    bool formed = false;
    {
        const OthersHeld others; // another CPU's idle loop would drain, too
        CapturedConsole captured;
        LogTime time{71_s + 1_ms + 234_us};
        log::warning("shed {} is {}", 3, "open");
        formed = captured.text() == "[   71.001234] warning: shed 3 is open\r\n";
    }
    CHECK(formed);
}

TEST_CASE("log: an interrupt handler's line waits for the next drain") {
    bool empty_inside = false;
    bool there_after = false;
    {
        const OthersHeld others; // another CPU's idle loop would drain, too
        CapturedConsole captured;
        {
            const auto interrupts = machine::save_and_disable_interrupts();
            {
                const interrupt::ContextGuard context;
                log::info("from a handler");
                empty_inside = captured.text().empty();
            }
            machine::restore_interrupts(interrupts);
        }
        log::drain();
        there_after = captured.contains("] from a handler\r\n");
    }
    CHECK(empty_inside);
    CHECK(there_after);
}

TEST_CASE("log: lines of a handler and of the code it interrupted keep their order") {
    bool in_order = false;
    {
        const OthersHeld others; // another CPU's idle loop would drain, too
        CapturedConsole captured;
        const auto interrupts = machine::save_and_disable_interrupts();
        {
            const interrupt::ContextGuard context;
            log::info("first");
        }
        log::info("second");
        machine::restore_interrupts(interrupts);
        in_order =
            captured.text().find("first") < captured.text().find("second") && captured.contains("second");
    }
    CHECK(in_order);
}

TEST_CASE("log: lines above the level are dropped, and the level is set by name") {
    bool quiet = false;
    bool loud = false;
    {
        const OthersHeld others; // another CPU's idle loop would drain, too
        CapturedConsole captured;
        log::debug("not yet");
        quiet = captured.text().empty();
        const LevelScope scope{log::Level::debug};
        log::debug("now");
        loud = captured.contains("debug: now");
    }
    CHECK(quiet);
    CHECK(loud);
    CHECK(log::set_level("nonsense").error() == Error::not_found);
    CHECK(log::set_level("info").has_value());
}

TEST_CASE("log: what was drained is still there for the console's `log`") {
    bool found = false;
    {
        const OthersHeld others; // another CPU's idle loop would drain, too
        CapturedConsole captured;
        log::info("remember the weft");
    }
    {
        CapturedConsole captured;
        console::run_command("log", console::commands(), console::output());
        found = captured.contains("remember the weft");
    }
    CHECK(found);
}

TEST_CASE("log: a flood is cut, and what was suppressed is counted in the next second") {
    bool cut = false;
    bool said = false;
    {
        const OthersHeld others; // another CPU's idle loop would drain, too
        const LevelScope scope{log::Level::debug};
        LogTime time{1000_s};
        {
            CapturedConsole captured;
            for (unsigned i = 0; i < 1000; ++i) {
                log::debug("flood");
            }
            cut = captured.count("flood\r\n") == 250;
        }
        time.advance(1_s);
        CapturedConsole captured;
        log::debug("after the flood");
        said = captured.text() == "[ 1001.000000] debug: 750 lines suppressed\r\n"
                                  "[ 1001.000000] debug: after the flood\r\n";
    }
    CHECK(cut);
    CHECK(said);
}

} // namespace
} // namespace heddle::test
