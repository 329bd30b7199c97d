// SPDX-License-Identifier: BSD-2-Clause
// Starting a CPU by PSCI CPU_ON (Arm DEN 0022F.b, 5.6), and its first C++. Its first instructions are in
// boot/start.S.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cpus.hpp"
#include "core/log/log.hpp"
#include "core/machine/processors.hpp"
#include "cpu/features.hpp"
#include "cpu/protection.hpp"
#include "cpu/registers.hpp"
#include "cpu/stacks.hpp"
#include "image_address.hpp"
#include "machine/page_table.hpp"
#include "processor/psci.hpp"

using namespace heddle;
using aarch64::psci::Status;

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_secondary_entry[];         // boot/start.S
[[gnu::visibility("hidden")]] extern const char heddle_secondary_in_upper_half[]; // boot/start.S
}

namespace heddle::aarch64 {
namespace {

/// Writes `size` bytes at `begin` back to memory, for who reads with the caches off.
void clean_to_memory(const void* begin, std::size_t size) {
    const std::uint64_t line = 4U << bits(READ_SYSTEM_REGISTER(ctr_el0), 19, 16);
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    for (std::uint64_t at = align_down(address, line); at < address + size; at += line) {
        asm volatile("dc cvac, %0" ::"r"(at) : "memory");
    }
    data_barrier();
}

Result<void> to_result(Status status) {
    switch (status) {
    case Status::success: return {};
    case Status::not_supported: return fail(Error::not_supported);
    case Status::denied:
    case Status::disabled: return fail(Error::permission_denied);
    case Status::already_on:
    case Status::on_pending: return fail(Error::busy);
    case Status::not_present: return fail(Error::not_found);
    case Status::invalid_parameters:
    case Status::invalid_address: return fail(Error::invalid_argument);
    case Status::internal_failure: break;
    }
    return fail(Error::io_error);
}

void fill_start(machine::CpuData& cpu) {
    const machine::CpuData& own = core::cpu::current().machine;
    cpu.key = own.key;
    cpu.start = {.tables = machine::PageTable::active_root().value,
                 .address = VirtAddr::of(heddle_secondary_in_upper_half).value,
                 .pointer = reinterpret_cast<std::uintptr_t>(&cpu)};
    clean_to_memory(&cpu, sizeof(cpu));
}

} // namespace
} // namespace heddle::aarch64

Result<void> machine::start_processor(CpuId id, const core::boot::CpuDescription& description) {
    CpuData& cpu = core::cpu::local(id).machine;
    cpu.affinity = description.hardware_id;
    auto stacks = TRY(aarch64::CpuStacks::create());
    stacks.enter(cpu);
    aarch64::fill_start(cpu);
    TRY(aarch64::to_result(aarch64::psci::call(aarch64::psci::Function::cpu_on, description.hardware_id,
                                               aarch64::image_physical(heddle_secondary_entry).value,
                                               aarch64::image_physical(&cpu).value)));
    // From here on it may arrive at any time, even after everybody has given up on it.
    std::move(stacks).abandon();
    return {};
}

std::uint64_t machine::own_hardware_id() {
    return core::cpu::current().machine.affinity;
}

/// Called by boot/start.S on the CPU's thread stack, in the upper half, on the kernel's tables. Not signed in
/// effect, because it sets the key and never returns.
extern "C" [[noreturn]] void heddle_secondary_machine_start(machine::CpuData& cpu);

void heddle_secondary_machine_start(machine::CpuData& cpu) {
    aarch64::ready_cpu(cpu, aarch64::cpu_features);
    if (aarch64::read_affinity() != cpu.affinity) {
        core::log::error("the CPU that came for {:#x} is {:#x}", cpu.affinity, aarch64::read_affinity());
        machine::halt();
    }
    if (aarch64::read_cpu_features() != aarch64::cpu_features) {
        core::log::error("the CPU with hardware id {:#x} has other features than the boot CPU", cpu.affinity);
        machine::halt();
    }
    machine::PageTable::open_lower_half();
    core::cpu::secondary_main();
}
