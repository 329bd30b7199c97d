// SPDX-License-Identifier: BSD-2-Clause
// Keys into lines, with echo: backspace, Ctrl-U, Enter. No history, no cursor keys.
#pragma once

#include "lib/format.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace heddle::core::console {

class LineEditor {
  public:
    static constexpr std::size_t longest_line = 128;

    /// Takes one key and shows on `echo` what it does. The finished line after Enter; it is good until the
    /// next key.
    std::optional<std::string_view> key(char c, Writer& echo);

  private:
    /// Where we are in a key that sends several bytes (ECMA-48, 5.4: ESC [ parameters final), which is passed
    /// over.
    enum class Escape : std::uint8_t { none, begun, parameters };

    bool pass_over(char c);
    void erase_last(Writer& echo);

    std::array<char, longest_line> line_{};
    std::size_t length_ = 0;
    Escape escape_ = Escape::none;
    bool after_return_ = false; ///< the newline of "\r\n" is not another Enter
};

} // namespace heddle::core::console
