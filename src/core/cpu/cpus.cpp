// SPDX-License-Identifier: BSD-2-Clause
// Starting the other CPUs, one after the other, and what each does first.
#include "core/cpu/cpus.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/idle.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/log/log.hpp"
#include "core/machine/processors.hpp"
#include "machine/page_table.hpp"

#include <algorithm>
#include <atomic>

namespace heddle::core::cpu {
namespace {

HEDDLE_OPTION(cpus_option){"cpus", "NUMBER: how many CPUs to use at most; default: all, up to 64"};

constexpr Nanoseconds arrival_time_out = 1_s;
constexpr std::uint32_t nobody = CpuId::limit;

/// The CPU that is to arrive now. Taken by compare-and-swap: by the CPU, or by us when we give up, so that
/// one that comes too late knows.
constinit std::atomic<std::uint32_t> expected{nobody};
constinit interrupt::Controller* controller = nullptr;
constinit time::ClockDevice* clock = nullptr;

std::uint32_t wanted_count(const boot::CommandLine& command_line) {
    const auto wanted = command_line.number("cpus");
    if (wanted && *wanted >= 1) {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(*wanted, CpuId::limit));
    }
    if (wanted || wanted.error() != Error::not_found) {
        log::warning("cpus={}: not a number of CPUs", command_line.value("cpus").value_or(""));
    }
    return CpuId::limit;
}

/// Whether it is for us to say that `id` arrives, or does not.
bool settle(CpuId id) {
    std::uint32_t value = id.value;
    // Relaxed: only one of the two gets it; what the CPU set up is released by add_online().
    return expected.compare_exchange_strong(value, nobody, std::memory_order_relaxed);
}

Result<void> wait_for(CpuId id) {
    const Nanoseconds give_up = clock->now() + arrival_time_out;
    while (!online().contains(id)) {
        if (clock->now() > give_up && settle(id)) {
            return fail(Error::timed_out);
        }
        machine::pause();
    }
    return {};
}

Result<void> start(CpuId id, const boot::CpuDescription& description) {
    CpuLocal& cpu = local(id);
    cpu.id = id;
    // Relaxed, both: start_processor() is a barrier to the CPU that reads them.
    cpu.quiescence.away.store(true, std::memory_order_relaxed);
    expected.store(id.value, std::memory_order_relaxed);
    const auto started = machine::start_processor(id, description);
    if (!started) {
        settle(id);
        return started;
    }
    return wait_for(id);
}

/// The parts of devices that each CPU has; with an error there the CPU cannot be used.
Result<void> start_devices() {
    TRY(controller->start_on_this_cpu());
    return clock->start_on_this_cpu();
}

} // namespace

void start_others(const boot::BootInfo& boot_info, const boot::CommandLine& command_line,
                  interrupt::Controller& the_controller, time::ClockDevice& the_clock) {
    controller = &the_controller;
    clock = &the_clock;
    const std::uint32_t wanted = wanted_count(command_line);
    const std::uint64_t own = machine::own_hardware_id();
    std::uint32_t next = 1;
    std::uint32_t left_alone = 0;
    for (const boot::CpuDescription& description : boot_info.cpus) {
        if (description.hardware_id == own) {
            continue;
        }
        if (next >= wanted) {
            ++left_alone;
            continue;
        }
        const CpuId id{next++};
        if (const auto started = start(id, description); !started) {
            log::error("the CPU with hardware id {:#x} does not come up: {}", description.hardware_id,
                       started.error());
        }
    }
    if (left_alone != 0) {
        log::info("{} CPUs are left alone: cpus={}", left_alone, wanted);
    }
    log::info("{} of {} CPUs run", online_count(), std::max(boot_info.cpus_present, online_count()));
}

void secondary_main() {
    const CpuId self = current().id;
    if (const auto ready = start_devices(); !ready) {
        log::error("CPU {} cannot use its interrupt controller or timer: {}", self.value, ready.error());
        machine::halt();
    }
    if (!settle(self)) {
        log::error("CPU {} has come too late", self.value);
        machine::halt();
    }
    detail::add_online(self);
    // As after a sleep (quiescence.cpp), and all translations go, whatever was shot down before anybody knew
    // of us.
    come_back();
    machine::PageTable::invalidate_all();
    machine::enable_interrupts();
    idle();
    __builtin_unreachable();
}

} // namespace heddle::core::cpu
