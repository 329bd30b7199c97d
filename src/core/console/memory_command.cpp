// SPDX-License-Identifier: BSD-2-Clause
// The console command `memory`: the live counters.
#include "core/console/command.hpp"
#include "core/memory/counters.hpp"

namespace heddle::core::console {
namespace {

void run(std::string_view, Writer& output) {
    memory::counters::for_each([&](const memory::counters::Reading& reading) {
        format_to(output, "{:<32} {:10}\n", reading.name, reading.live);
    });
}

HEDDLE_COMMAND(memory_command){.name = "memory", .help = "live objects of each class", .run = run};

} // namespace
} // namespace heddle::core::console
