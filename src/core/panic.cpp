// SPDX-License-Identifier: BSD-2-Clause
// The report of a panic and the end of the machine. Uses no lock and no allocation: anything may be broken by
// now.
#include "core/panic.hpp"

#include "core/console/console.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu_state.hpp"
#include "core/log/log.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/processors.hpp"
#include "core/memory/image.hpp"
#include "core/symbols/symbols.hpp"
#include "machine/cpu.hpp"
#include "machine/trap_frame.hpp"

#include <atomic>

namespace heddle::core::detail {
namespace {

constexpr std::uint32_t nobody = CpuId::limit;
constexpr std::size_t deepest_backtrace = 32;

/// The CPU that reports.
constinit std::atomic<std::uint32_t> reporter{nobody};
/// Panics of the reporter inside its report.
constinit std::atomic<unsigned> nested{0};

std::uint32_t this_cpu() {
    return cpu::current().id.value;
}

void print_backtrace(Writer& writer, const machine::TrapFrame* frame, std::uint64_t caller) {
    std::array<std::uint64_t, deepest_backtrace> addresses;
    const std::size_t count =
        machine::backtrace(frame != nullptr ? frame->frame_pointer() : caller, addresses);
    writer.write("backtrace:\n");
    if (frame != nullptr) {
        writer.write("  ");
        symbols::write_address(writer, VirtAddr{frame->pc()});
        writer.write("\n");
    }
    for (std::size_t i = 0; i < count; ++i) {
        writer.write("  ");
        symbols::write_return_address(writer, VirtAddr{addresses[i]});
        writer.write("\n");
    }
}

/// Where the other CPUs were.
void print_others(Writer& writer) {
    for (const CpuId cpu : cpu::online().without(cpu::current().id)) {
        const machine::TrapFrame* const frame = machine::stopped_at(cpu);
        if (frame == nullptr) {
            format_to(writer, "CPU {} does not stop\n", cpu.value);
        } else {
            format_to(writer, "CPU {}, ", cpu.value);
            print_backtrace(writer, frame, 0);
        }
        write_cpu_state(writer, cpu);
    }
}

/// The first panic of all goes on; another CPU's waits for the end; one inside the report cuts it short.
void become_reporter_or_end() {
    std::uint32_t found = nobody;
    // Relaxed: only the winner matters, no other memory is handed over.
    if (reporter.compare_exchange_strong(found, this_cpu(), std::memory_order_relaxed)) {
        return;
    }
    // Relaxed: one CPU only gets past this.
    if (found == this_cpu() && nested.fetch_add(1, std::memory_order_relaxed) == 0) {
        machine::exit(panic_status);
    }
    machine::halt();
}

} // namespace

void panic(const machine::TrapFrame* frame, std::uint64_t caller, std::string_view format,
           std::span<const heddle::detail::FormatArgument> arguments) {
    machine::disable_interrupts();
    become_reporter_or_end();
    machine::stop_others();
    Writer& writer = console::emergency_output();
    writer.write("\npanic: ");
    heddle::detail::format_arguments(writer, format, arguments);
    format_to(writer, "\nCPU {}, image at {}\n", this_cpu(), memory::image_text().begin);
    if (frame != nullptr) {
        machine::print_registers(writer, *frame);
    }
    print_backtrace(writer, frame, caller);
    write_cpu_state(writer, CpuId{this_cpu()});
    print_others(writer);
    log::write_undrained(writer);
    machine::exit(panic_status);
}

void assertion_failed(const char* expression, std::source_location where) {
    std::string_view file = where.file_name();
    while (file.starts_with("../")) {
        file.remove_prefix(3);
    }
    core::panic("assertion failed: {} at {}:{} in {}", expression, file, where.line(), where.function_name());
}

} // namespace heddle::core::detail
