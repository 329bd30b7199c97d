// SPDX-License-Identifier: BSD-2-Clause
// The line editor's keys.
#include "core/console/line_editor.hpp"

namespace heddle::core::console {
namespace {

constexpr char backspace = 0x08;
constexpr char erase_line = 0x15; // Ctrl-U
constexpr char escape = 0x1b;
constexpr char rubout = 0x7f;

} // namespace

std::optional<std::string_view> LineEditor::key(char c, Writer& echo) {
    if (pass_over(c)) {
        return std::nullopt;
    }
    const bool second_of_enter = after_return_ && c == '\n';
    after_return_ = c == '\r';
    if (second_of_enter) {
        return std::nullopt;
    }
    if (c == '\r' || c == '\n') {
        echo.write("\n");
        const std::string_view line{line_.data(), length_};
        length_ = 0;
        return line;
    }
    if (c == backspace || c == rubout) {
        erase_last(echo);
    } else if (c == erase_line) {
        while (length_ > 0) {
            erase_last(echo);
        }
    } else if (c >= ' ' && c <= '~' && length_ < line_.size()) {
        line_[length_++] = c;
        echo.write({&c, 1});
    }
    return std::nullopt;
}

bool LineEditor::pass_over(char c) {
    switch (escape_) {
    case Escape::none:
        if (c == escape) {
            escape_ = Escape::begun;
            return true;
        }
        return false;
    case Escape::begun: escape_ = c == '[' ? Escape::parameters : Escape::none; return true;
    case Escape::parameters:
        if (c >= '@' && c <= '~') {
            escape_ = Escape::none;
        }
        return true;
    }
    return false;
}

void LineEditor::erase_last(Writer& echo) {
    if (length_ > 0) {
        --length_;
        echo.write("\b \b");
    }
}

} // namespace heddle::core::console
