// SPDX-License-Identifier: BSD-2-Clause
// Formats: SDM vol. 3A, 3.4.5 (segments), 6.14.1 (gates), 7.2.3 (TSS descriptor).
#include "cpu/descriptors.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/memory/image.hpp"
#include "trap/exception.hpp"
#include "user/entry.hpp"

extern "C" {
// trap/vectors.S: one entry of 16 bytes per exception, then one of 8 bytes per interrupt vector.
[[gnu::visibility("hidden")]] extern const char heddle_exception_vectors[];
[[gnu::visibility("hidden")]] extern const char heddle_interrupt_vectors[];
}

namespace heddle::amd64 {
namespace {

using machine::InterruptStack;
using machine::Selector;

/// What LGDT and LIDT read begins at `limit`; in front of it what aligns `base`, so that a constant one can
/// be relocated.
struct TablePointer {
    std::uint16_t unused[3];
    std::uint16_t limit;
    std::uint64_t base;
};

static_assert(offsetof(TablePointer, limit) == 6 && offsetof(TablePointer, base) == 8);

struct GateDescriptor {
    std::uint16_t offset_low;
    Selector selector;
    std::uint8_t stack;
    std::uint8_t type; ///< present, privilege, 0xe: interrupt gate, which turns interrupts off
    std::uint16_t offset_middle;
    std::uint32_t offset_high;
    std::uint32_t reserved;
};

static_assert(sizeof(GateDescriptor) == 16);

constexpr std::uint8_t interrupt_gate = 0x8e;
constexpr std::uint8_t open_to_programs = 3U << 5; ///< by INT, too
constexpr std::uint64_t code_descriptor = 0x0020'9b00'0000'0000;
constexpr std::uint64_t data_descriptor = 0x0000'9300'0000'0000;
constexpr std::uint64_t user_privilege = 3ULL << 45;
constexpr std::uint64_t available_task_state = 0x0000'8900'0000'0000;

[[gnu::section(".bss.ro_after_init")]] constinit GateDescriptor gates[256]{};

constexpr GateDescriptor make_gate(std::uint64_t handler, InterruptStack stack, std::uint8_t type) {
    return {.offset_low = static_cast<std::uint16_t>(handler),
            .selector = Selector::kernel_code,
            .stack = static_cast<std::uint8_t>(stack),
            .type = type,
            .offset_middle = static_cast<std::uint16_t>(handler >> 16),
            .offset_high = static_cast<std::uint32_t>(handler >> 32),
            .reserved = 0};
}

constexpr InterruptStack stack_of(unsigned vector) {
    switch (static_cast<Exception>(vector)) {
    case Exception::debug: return InterruptStack::debug;
    case Exception::non_maskable_interrupt: return InterruptStack::non_maskable;
    case Exception::double_fault: return InterruptStack::double_fault;
    case Exception::machine_check: return InterruptStack::machine_check;
    default: return InterruptStack::none;
    }
}

/// INT3 and INTO are a program's to execute; every other vector that it names is a general protection fault.
constexpr std::uint8_t type_of(unsigned vector) {
    const auto exception = static_cast<Exception>(vector);
    const bool open = exception == Exception::breakpoint || exception == Exception::overflow;
    return open ? interrupt_gate | open_to_programs : interrupt_gate;
}

constexpr std::size_t slot(Selector selector) {
    return static_cast<std::size_t>(selector) / 8;
}

void fill_task_state(machine::CpuData& data, const CpuStacks& stacks) {
    machine::TaskState& state = data.task_state;
    // Above where each begins, entry code looks for the CPU's data (trap/vectors.S, own_stack_entry).
    const auto set = [&state, &data](InterruptStack stack, VirtAddr top) {
        const VirtAddr begin = top - 16;
        *(begin + 8).as<const machine::CpuData*>() = &data;
        state.interrupt_stack[static_cast<std::size_t>(stack) - 1] = begin.value;
    };
    set(InterruptStack::double_fault, stacks.double_fault);
    set(InterruptStack::non_maskable, stacks.non_maskable);
    set(InterruptStack::machine_check, stacks.machine_check);
    set(InterruptStack::debug, stacks.debug);
    state.io_map_base = sizeof(machine::TaskState);
}

void fill_descriptors(machine::GlobalDescriptorTable& table, const machine::TaskState& state) {
    const std::uint64_t base = reinterpret_cast<std::uintptr_t>(&state);
    table.entries[slot(Selector::kernel_code)] = code_descriptor;
    table.entries[slot(Selector::kernel_data)] = data_descriptor;
    table.entries[slot(Selector::user_data)] = data_descriptor | user_privilege;
    table.entries[slot(Selector::user_code)] = code_descriptor | user_privilege;
    table.entries[slot(Selector::task_state)] = (sizeof(machine::TaskState) - 1) | (base & 0xff'ffff) << 16 |
                                                available_task_state | (base >> 24 & 0xff) << 56;
    table.entries[slot(Selector::task_state) + 1] = base >> 32;
}

/// Fills the descriptor tables in `data` and loads them; clears the GS base.
void load_descriptors(machine::CpuData& data, const CpuStacks& stacks) {
    data.interrupt_stack_top = stacks.interrupt.value;
    fill_task_state(data, stacks);
    fill_descriptors(data.descriptors, data.task_state);
    const TablePointer pointer{
        {}, sizeof(data.descriptors) - 1, reinterpret_cast<std::uintptr_t>(&data.descriptors)};
    asm volatile("lgdt 6(%[pointer])\n\t"
                 "pushq %[code]\n\t" // a far return is how long mode loads CS
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t"
                 "lretq\n"
                 "1:\n\t"
                 "movl %[data], %%eax\n\t"
                 "movl %%eax, %%ss\n\t"
                 "xorl %%eax, %%eax\n\t" // null where nobody looks: what user mode finds tells nothing
                 "movl %%eax, %%ds\n\t"
                 "movl %%eax, %%es\n\t"
                 "movl %%eax, %%fs\n\t"
                 "movl %%eax, %%gs\n\t"
                 "movl %[task], %%eax\n\t"
                 "ltr %%ax"
                 :
                 : [pointer] "r"(&pointer), [code] "i"(Selector::kernel_code),
                   [data] "i"(Selector::kernel_data), [task] "i"(Selector::task_state)
                 : "rax", "memory");
}

void load_interrupt_descriptors() {
    const TablePointer pointer{{}, sizeof(gates) - 1, reinterpret_cast<std::uintptr_t>(gates)};
    asm volatile("lidt 6(%0)" : : "r"(&pointer) : "memory");
}

} // namespace

void fill_interrupt_descriptors() {
    for (unsigned vector = 0; vector < 256; ++vector) {
        const auto handler =
            vector < exception_count
                ? reinterpret_cast<std::uintptr_t>(heddle_exception_vectors) + vector * 16
                : reinterpret_cast<std::uintptr_t>(heddle_interrupt_vectors) + (vector - exception_count) * 8;
        gates[vector] = make_gate(handler, stack_of(vector), type_of(vector));
    }
}

void set_up_cpu(core::cpu::CpuLocal& cpu, const CpuStacks& stacks) {
    load_descriptors(cpu.machine, stacks);
    machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&cpu));
    load_interrupt_descriptors(); // traps use the CPU pointer
    set_up_system_calls();
}

} // namespace heddle::amd64
