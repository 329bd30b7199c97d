// SPDX-License-Identifier: BSD-2-Clause
// Finds and runs a command, and the command that lists them.
#include "core/console/command.hpp"

extern "C" {
extern const heddle::core::console::Command heddle_commands_start[];
extern const heddle::core::console::Command heddle_commands_end[];
}

namespace heddle::core::console {
namespace {

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

void help(std::string_view, Writer& output) {
    for (const Command& command : commands()) {
        format_to(output, "{:<12} {}\n", command.name, command.help);
    }
}

HEDDLE_COMMAND(help_command){.name = "help", .help = "this list", .run = help};

} // namespace

std::span<const Command> commands() {
    return {heddle_commands_start, heddle_commands_end};
}

void run_command(std::string_view line, std::span<const Command> commands, Writer& output) {
    line = trim(line);
    if (line.empty()) {
        return;
    }
    const std::string_view name = line.substr(0, line.find(' '));
    for (const Command& command : commands) {
        if (command.name == name) {
            command.run(trim(line.substr(name.size())), output);
            return;
        }
    }
    format_to(output, "{}: no such command; `help` lists them\n", name);
}

} // namespace heddle::core::console
