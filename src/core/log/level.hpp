// SPDX-License-Identifier: BSD-2-Clause
// How much a log line matters.
#pragma once

#include "lib/result.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace heddle::core::log {

enum class Level : std::uint8_t { error, warning, info, debug };

inline constexpr std::array<std::string_view, 4> level_names{"error", "warning", "info", "debug"};

constexpr std::string_view to_string(Level level) {
    return level_names[static_cast<std::size_t>(level) % level_names.size()];
}

/// The level called `name`; Error::not_found.
constexpr Result<Level> level_from(std::string_view name) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names[i] == name) {
            return static_cast<Level>(i);
        }
    }
    return fail(Error::not_found);
}

} // namespace heddle::core::log
