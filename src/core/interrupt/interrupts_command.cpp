// SPDX-License-Identifier: BSD-2-Clause
// The console command `interrupts`: which came how often.
#include "core/console/command.hpp"
#include "core/interrupt/interrupts.hpp"

namespace heddle::core::interrupt {
namespace {

void run(std::string_view, Writer& output) {
    for (std::uint32_t i = 0; i < InterruptId::limit; ++i) {
        if (const std::uint64_t times = count(InterruptId{i}); times != 0) {
            format_to(output, "{:6} {:>12}\n", i, times);
        }
    }
    format_to(output, "no handler {:>8}\n", spurious_count());
}

HEDDLE_COMMAND(interrupts_command){.name = "interrupts", .help = "how often each interrupt came", .run = run};

} // namespace
} // namespace heddle::core::interrupt
