// SPDX-License-Identifier: BSD-2-Clause
// The line editor, key by key.
#include "core/console/input_ring.hpp"
#include "core/console/line_editor.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::console::InputRing;
using core::console::LineEditor;

struct Typist {
    LineEditor editor;
    char echoed[512];
    BufferWriter echo{echoed};
    char finished[160];
    BufferWriter lines{finished};

    /// Types `keys`; each finished line is added to `lines` in brackets.
    void type(std::string_view keys) {
        for (const char c : keys) {
            if (const auto line = editor.key(c, echo)) {
                format_to(lines, "[{}]", *line);
            }
        }
    }
};

TEST_CASE("line editor: Enter finishes a line, and all is echoed") {
    Typist typist;
    typist.type("help\rlog debug\n");
    CHECK(typist.lines.text() == "[help][log debug]");
    CHECK(typist.echo.text() == "help\nlog debug\n");
}

TEST_CASE("line editor: CR LF is one Enter, two CRs are two") {
    Typist typist;
    typist.type("a\r\nb\r\rc\n\n");
    CHECK(typist.lines.text() == "[a][b][][c][]");
}

TEST_CASE("line editor: backspace and rubout take one key back, at the line's start nothing") {
    Typist typist;
    typist.type("\x7f\bab\x7f"
                "c\bd\r");
    CHECK(typist.lines.text() == "[ad]");
    CHECK(typist.echo.text() == "ab\b \bc\b \bd\n");
}

TEST_CASE("line editor: Ctrl-U takes back the whole line") {
    Typist typist;
    typist.type("wrong\x15right\r");
    CHECK(typist.lines.text() == "[right]");
}

TEST_CASE("line editor: cursor keys and control characters leave no trace") {
    Typist typist;
    constexpr char keys[] = "a\x1b[A\x1b[1;5Cb\x1bxc\x01\x00\xff\r";
    typist.type({keys, sizeof(keys) - 1});
    CHECK(typist.lines.text() == "[abc]");
}

TEST_CASE("line editor: a line that is too long keeps its beginning") {
    Typist typist;
    for (int i = 0; i < 300; ++i) {
        typist.type("y");
    }
    typist.type("\r");
    CHECK(typist.lines.text().size() == LineEditor::longest_line + 2);
}

TEST_CASE("input ring: first in, first out, and what does not fit is dropped") {
    InputRing ring;
    CHECK_FALSE(ring.take().has_value());
    for (std::uint32_t i = 0; i < InputRing::capacity + 10; ++i) {
        ring.put(static_cast<char>(i));
    }
    bool in_order = true;
    for (std::uint32_t i = 0; i < InputRing::capacity; ++i) {
        in_order = in_order && ring.take() == static_cast<char>(i);
    }
    CHECK(in_order);
    CHECK_FALSE(ring.take().has_value());
    ring.put('z');
    CHECK(ring.take() == 'z');
}

} // namespace
} // namespace heddle::test
