// SPDX-License-Identifier: BSD-2-Clause
// The console turned to a buffer for a block, with keys typed from a string.
#pragma once

#include "core/console/console.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace heddle::test {

/// Attached to the console while it lives; one at a time. No assertion in its scope: doctest writes to the
/// console too.
class CapturedConsole final : public core::console::Uart {
  public:
    explicit CapturedConsole(std::string_view keys = {})
        : keys_{keys}
        , before_{core::console::attach(*this)} {}

    ~CapturedConsole() { core::console::attach(*before_); }

    CapturedConsole(const CapturedConsole&) = delete;
    CapturedConsole& operator=(const CapturedConsole&) = delete;

    void send(char c) override {
        if (used_ < buffer.size()) {
            buffer[used_++] = c;
        }
    }

    std::optional<char> receive() override {
        if (keys_.empty()) {
            return std::nullopt;
        }
        const char c = keys_.front();
        keys_.remove_prefix(1);
        return c;
    }

    void enable_receive_interrupt() override {}

    /// What was written, up to the buffer's size.
    std::string_view text() const { return {buffer.data(), used_}; }

    bool contains(std::string_view what) const { return text().find(what) != std::string_view::npos; }

    std::size_t count(std::string_view what) const {
        std::size_t times = 0;
        for (std::size_t at = text().find(what); at != std::string_view::npos;
             at = text().find(what, at + what.size())) {
            ++times;
        }
        return times;
    }

  private:
    /// Not on the stack, which is small.
    static inline constinit std::array<char, 16384> buffer{};

    std::string_view keys_;
    core::console::Uart* before_;
    std::size_t used_ = 0;
};

} // namespace heddle::test
