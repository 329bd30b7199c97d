// SPDX-License-Identifier: BSD-2-Clause
// The console from keys to a command's output, over a captured UART.
#include "core/console/command.hpp"
#include "core/console/console.hpp"
#include "test/floor/captured_console.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core::console;

/// Types `keys` at the console as its interrupt would, polls once, and keeps what came out.
class Session {
  public:
    explicit Session(std::string_view keys) {
        core::StopToken* before = set_stop_token(&token_);
        {
            CapturedConsole captured{keys};
            receive_input();
            poll();
            kept_.write(captured.text());
        }
        set_stop_token(before);
    }

    bool shows(std::string_view text) const { return kept_.text().find(text) != std::string_view::npos; }

    bool stop_requested() const { return token_.stop_requested(); }

  private:
    core::StopToken token_;
    char buffer_[2048];
    BufferWriter kept_{buffer_};
};

TEST_CASE("console: a newline goes out as CR LF") {
    bool crlf = false;
    {
        CapturedConsole captured;
        output().write("a\nb\n");
        print("{}\n", 7);
        crlf = captured.text() == "a\r\nb\r\n7\r\n";
    }
    CHECK(crlf);
}

TEST_CASE("console: attaching gives back the UART before") {
    Uart* before = attached_uart();
    Uart* inside = nullptr;
    {
        CapturedConsole captured;
        inside = attached_uart();
    }
    CHECK(before != nullptr);
    CHECK(inside != before);
    CHECK(attached_uart() == before);
}

TEST_CASE("console: `help` lists itself and its sisters") {
    const Session session{"help\r"};
    for (const std::string_view name : {"help", "components", "interrupts", "log", "memory", "stop"}) {
        CAPTURE(name);
        CHECK(session.shows(name));
    }
}

TEST_CASE("console: `components` says what the image is made of") {
    const Session session{"components\r"};
    CHECK(session.shows("console\r\n"));
    CHECK(session.shows("deadlines\r\n"));
}

TEST_CASE("console: `memory` and `interrupts` print their figures") {
    CHECK(Session{"memory\r"}.shows("frames"));
    CHECK(Session{"interrupts\r"}.shows("no handler"));
}

TEST_CASE("console: an unknown command is named, an empty line is not") {
    CHECK(Session{"weave now\r"}.shows("weave: no such command"));
    CHECK_FALSE(Session{"   \r"}.shows("no such command"));
}

TEST_CASE("console: Ctrl-C and `stop` ask the stop token, other keys do not") {
    CHECK(Session{"\x03"}.stop_requested());
    CHECK(Session{"stop\r"}.stop_requested());
    CHECK_FALSE(Session{"help\r"}.stop_requested());
}

constinit std::string_view given_arguments;

TEST_CASE("console: a command gets its arguments without the blanks around them") {
    const Command echo{.name = "echo", .help = "", .run = [](std::string_view arguments, Writer&) {
                           given_arguments = arguments;
                       }};
    char buffer[80];
    BufferWriter output{buffer};
    given_arguments = "unset";
    run_command("  echo   a  b  ", {&echo, 1}, output);
    CHECK(given_arguments == "a  b");
    run_command("echo", {&echo, 1}, output);
    CHECK(given_arguments.empty());
    CHECK(output.text().empty());
    run_command("echoes", {&echo, 1}, output);
    CHECK(output.text() == "echoes: no such command; `help` lists them\n");
}

} // namespace
} // namespace heddle::test
