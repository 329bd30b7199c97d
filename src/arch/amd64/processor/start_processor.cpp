// SPDX-License-Identifier: BSD-2-Clause
// Starting a processor by INIT and start-up IPIs (SDM vol. 3A, 8.4.4.1), and its first C++.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cpus.hpp"
#include "core/log/log.hpp"
#include "core/machine/processors.hpp"
#include "core/time/monotonic.hpp"
#include "cpu/descriptors.hpp"
#include "cpu/features.hpp"
#include "cpu/stacks.hpp"
#include "interrupt/local_apic.hpp"
#include "machine/cpu.hpp"
#include "processor/trampoline.hpp"

#include <array>

using heddle::core::cpu::CpuLocal;

namespace {

/// Ids that xAPIC mode can address; 255 is everybody.
constexpr std::uint64_t apic_id_limit = 255;

} // namespace

extern "C" {
/// Who a processor is, by its APIC id; never taken back, so that one that comes late does not take another's
/// place.
[[gnu::visibility("hidden")]] extern std::array<CpuLocal*, apic_id_limit + 1> heddle_starting_cpus;
constinit std::array<CpuLocal*, apic_id_limit + 1> heddle_starting_cpus{};

[[noreturn, gnu::visibility("hidden")]] void heddle_secondary_machine_start(CpuLocal& cpu);
}

namespace heddle::amd64 {
namespace {

/// Between INIT and the start-up IPI, and between the two of these. Hypervisors, which would count the first
/// one as work done for nothing, are ready at once.
constexpr Nanoseconds reset_time = 10_ms;
constexpr Nanoseconds answer_time{200'000};

/// Returns early when `cpu` has begun, if one is given.
void wait(Nanoseconds time, const CpuLocal* cpu = nullptr) {
    const Nanoseconds end = core::time::now() + time;
    while (core::time::now() < end) {
        // Acquire: pairs with the release in heddle_secondary_machine_start().
        if (cpu != nullptr && cpu->machine.begun.load(std::memory_order_acquire)) {
            return;
        }
        machine::pause();
    }
}

Result<void> wake(const CpuLocal& cpu, PhysAddr page) {
    const std::uint32_t target = cpu.machine.apic_id;
    TRY(local_apic().send_init(target));
    if (!features().hypervisor) {
        wait(reset_time);
    }
    for (unsigned i = 0; i < 2 && !cpu.machine.begun.load(std::memory_order_acquire); ++i) {
        TRY(local_apic().send_start_up(target, page));
        wait(answer_time, &cpu);
    }
    return {};
}

} // namespace
} // namespace heddle::amd64

using namespace heddle;

/// On the CPU's own stack and the kernel's tables, with the trampoline's descriptors and interrupts off.
void heddle_secondary_machine_start(CpuLocal& cpu) {
    // Before the vectors, whose code may use what these switch on.
    const bool fits = amd64::has_features_of_boot_cpu();
    if (fits) {
        amd64::enable_protections();
    }
    amd64::set_up_cpu(cpu, amd64::cpu_stacks(cpu.id));
    // Release: pairs with the acquire in wake().
    cpu.machine.begun.store(true, std::memory_order_release);
    if (!fits) {
        core::log::error("CPU {} cannot do what the boot CPU can and is not used", cpu.id.value);
        machine::halt();
    }
    core::cpu::secondary_main();
}

namespace heddle::machine {

Result<void> start_processor(CpuId id, const core::boot::CpuDescription& description) {
    if (description.hardware_id >= apic_id_limit) {
        return fail(Error::not_supported);
    }
    const PhysAddr page = TRY(amd64::trampoline());
    TRY(amd64::allocate_stacks(id));
    CpuLocal& cpu = core::cpu::local(id);
    cpu.machine.apic_id = static_cast<std::uint32_t>(description.hardware_id);
    cpu.machine.start_stack_top = amd64::start_stack_top(id).value;
    heddle_starting_cpus[description.hardware_id] = &cpu;
    return amd64::wake(cpu, page);
}

std::uint64_t own_hardware_id() {
    return core::cpu::current().machine.apic_id;
}

} // namespace heddle::machine
