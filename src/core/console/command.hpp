// SPDX-License-Identifier: BSD-2-Clause
// What can be typed at the console: each command is a descriptor in a linker section.
#pragma once

#include "lib/format.hpp"

#include <span>
#include <string_view>

namespace heddle::core::console {

/// `constinit const` in the linker section `.commands` (HEDDLE_COMMAND).
struct Command {
    std::string_view name;
    std::string_view help; ///< one line, for `help`
    /// Thread context. `arguments` is what followed the name, blanks trimmed; gone after the call.
    void (*run)(std::string_view arguments, Writer& output);
};

/// The commands linked into this image.
std::span<const Command> commands();

/// Runs the command that `line` names, or says on `output` that there is none. An empty line does nothing.
void run_command(std::string_view line, std::span<const Command> commands, Writer& output);

} // namespace heddle::core::console

#define HEDDLE_COMMAND(identifier)                                                                           \
    [[gnu::section(".commands"), gnu::used,                                                                  \
      gnu::retain]] constinit const ::heddle::core::console::Command identifier
