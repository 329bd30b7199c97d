// SPDX-License-Identifier: BSD-2-Clause
// Asking the log what it said, for parsers that name what they skip.
#pragma once

#include "core/log/log.hpp"

#include <string_view>

namespace heddle::test {

/// Whether a recent line of the log holds `text`. Lines of earlier cases count too: look for what only this
/// case can say.
inline bool logged(std::string_view text) {
    struct Search final : Writer {
        explicit Search(std::string_view wanted)
            : wanted_{wanted} {}

        void write(std::string_view line) override {
            found_ = found_ || line.find(wanted_) != std::string_view::npos;
        }

        std::string_view wanted_;
        bool found_ = false;
    };

    Search search{text};
    core::log::write_history(search);
    return search.found_;
}

} // namespace heddle::test
