// SPDX-License-Identifier: BSD-2-Clause
// The console command `log`: what is still in the ring, or another level.
#include "core/console/command.hpp"
#include "core/log/log.hpp"

namespace heddle::core::log {
namespace {

void run(std::string_view arguments, Writer& output) {
    if (arguments.empty()) {
        write_history(output);
    } else if (const auto level = level_from(arguments)) {
        set_level(*level);
    } else {
        format_to(output, "log: no level \"{}\": error, warning, info, debug\n", arguments);
    }
}

HEDDLE_COMMAND(log_command){.name = "log", .help = "print the log; `log LEVEL` sets the level", .run = run};

} // namespace
} // namespace heddle::core::log
