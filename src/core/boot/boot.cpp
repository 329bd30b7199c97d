// SPDX-License-Identifier: BSD-2-Clause
// The order in which the kernel comes up. Each step says what it found or ends the machine with the reason.
#include "core/boot/boot.hpp"

#include "core/appliance.hpp"
#include "core/boot/command_line.hpp"
#include "core/boot/description.hpp"
#include "core/component/registry.hpp"
#include "core/console/command.hpp"
#include "core/console/console.hpp"
#include "core/cpu/cpus.hpp"
#include "core/log/log.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/image.hpp"
#include "core/memory/memory.hpp"
#include "core/panic.hpp"
#include "core/runtime/stack_protector.hpp"
#include "core/watchdog/watchdog.hpp"
#include "lib/config.hpp"
#include "machine/cpu.hpp"

#include <optional>

extern "C" {
extern const heddle::core::boot::DescriptionSource heddle_descriptions_start[];
extern const heddle::core::boot::DescriptionSource heddle_descriptions_end[];
}

namespace heddle::core::boot {

std::span<const DescriptionSource> description_sources() {
    return {heddle_descriptions_start, heddle_descriptions_end};
}

namespace {

HEDDLE_OPTION(exit_option){"exit", "debug: report the exit status to QEMU; default: power off"};
HEDDLE_OPTION(log_option){"log", "error, warning, info or debug: the least urgent lines that are logged"};
HEDDLE_OPTION(graph_option){"graph", "1: print the composition as a Graphviz digraph and end"};

constinit CommandLine command_line;
constinit const CommandLine build_composition{config::composition};
constinit std::optional<component::Registry> registry;

/// Words of the command line that nothing in the image understands are named, with what may have been meant.
void report_unknown_options() {
    command_line.for_each([](const Assignment& assignment) {
        if (is_known(assignment.key, known_options())) {
            return;
        }
        const auto nearest = nearest_option(assignment.key, known_options());
        if (nearest) {
            log::warning("unknown option {}; did you mean {}?", assignment.key, *nearest);
        } else {
            log::warning("unknown option {}", assignment.key);
        }
    });
}

void describe_memory(BootInfo& boot_info) {
    for (const DescriptionSource& source : description_sources()) {
        if (source.describe_memory == nullptr || !source.present(boot_info)) {
            continue;
        }
        if (auto result = source.describe_memory(boot_info); !result) {
            panic("{}: the description of memory is unusable: {}", source.name, result.error());
        }
    }
    if (boot_info.memory.empty()) {
        panic("nobody described the machine's memory (booted by {})", boot_info.protocol);
    }
}

void describe_devices(BootInfo& boot_info) {
    for (const DescriptionSource& source : description_sources()) {
        if (source.describe_devices == nullptr || !source.present(boot_info)) {
            continue;
        }
        if (auto result = source.describe_devices(boot_info); !result) {
            panic("{}: the description of the machine is unusable: {}", source.name, result.error());
        }
    }
}

void set_log_level() {
    const auto wanted = command_line.value("log");
    if (wanted && !log::set_level(*wanted)) {
        log::warning("log={}: unknown level; there is error, warning, info, debug", *wanted);
    }
}

/// A machine without a console, or with one that no driver knows, boots silently: there is nobody to tell.
void attach_console(Result<void> (*attach)(const ConsoleDescription&), const BootInfo& boot_info) {
    if (auto result = attach(boot_info.console); !result) {
        log::warning("no console: {}", result.error());
    }
}

void set_exit_method(const BootInfo& boot_info) {
    const bool debug = command_line.value("exit") == "debug";
    machine::set_exit_method(debug ? machine::ExitMethod::debug : machine::ExitMethod::power_off, boot_info);
}

void report(const BootInfo& boot_info) {
    log::info("Heddle on {}, booted by {} {}", machine::name, boot_info.protocol, boot_info.loader);
    if constexpr (config::test_floor) { // not in a kernel that has something to hide
        log::info("image at {}, arena from {}", memory::image_text().begin, memory::arena().begin());
    }
    log::info("memory: {} MiB usable; CPUs: {}", boot_info.usable_bytes() >> 20, boot_info.cpus_present);
    if (boot_info.cpus_present > boot_info.cpus.size()) {
        log::warning("{} CPUs are beyond the {} that this kernel uses",
                     boot_info.cpus_present - boot_info.cpus.size(), boot_info.cpus.size());
    }
}

component::Registry& start_components(const BootInfo& boot_info) {
    component::Registry& components =
        registry.emplace(component::linked_components(), boot_info, command_line, build_composition);
    char text[400];
    BufferWriter problem{text};
    if (!components.compose(problem)) {
        panic("composition: {}", problem.text());
    }
    if (command_line.value("graph") == "1") {
        console::print("#graph begin\n");
        components.write_graph(console::output());
        console::print("#graph end\n");
        machine::exit(0);
    }
    if (!components.start(problem)) {
        panic("{}", problem.text());
    }
    return components;
}

HEDDLE_COMMAND(components_command){
    .name = "components",
    .help = "what the image is composed of, in the order of start",
    .run =
        [](std::string_view, Writer& output) {
            if (!registry) {
                return;
            }
            for (const component::Component* component : registry->order()) {
                format_to(output, "{}{}\n", component->name,
                          registry->started(*component) ? "" : " (not started)");
            }
        },
};

} // namespace

void boot(BootInfo& boot_info) {
    runtime::randomise_stack_guard();
    attach_console(console::attach_early, boot_info);
    describe_memory(boot_info);
    command_line = CommandLine{boot_info.command_line};
    set_log_level();
    set_exit_method(boot_info);
    memory::bring_up(boot_info);
    attach_console(console::attach_described, boot_info);
    describe_devices(boot_info);
    attach_console(console::attach_described, boot_info);
    set_exit_method(boot_info);
    report(boot_info);
    report_unknown_options();
    component::Registry& components = start_components(boot_info);
    memory::seal();

    machine::enable_interrupts();
    cpu::start_others(boot_info, command_line, components.get<interrupt::Controller>(),
                      components.get<time::ClockDevice>());
    watchdog::start();
    const int status = components.get<Appliance>().run();
    log::info("the appliance ended with status {}", status);
    components.stop();
    machine::exit(static_cast<unsigned>(status));
}

} // namespace heddle::core::boot
