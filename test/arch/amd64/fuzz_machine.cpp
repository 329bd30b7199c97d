// SPDX-License-Identifier: BSD-2-Clause
// The fuzzer's part of this machine: frames of garbage, and the registers that must survive them.
#include "test/user/fuzz_machine.hpp"

#include "core/cpu/cpu_local.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"

extern "C" {
/// The control registers of x87 and SSE: the one function here that may use the unit (tools/check_simd.py).
std::uint64_t heddle_test_fsave_control();
[[gnu::visibility("hidden")]] extern const std::byte heddle_fuzz_code[];
[[gnu::visibility("hidden")]] extern const std::uint8_t heddle_fuzz_lengths[];
[[gnu::visibility("hidden")]] extern const std::uint8_t heddle_fuzz_lengths_end[];
}

[[gnu::noinline]] std::uint64_t heddle_test_fsave_control() {
    std::uint16_t x87 = 0;
    std::uint32_t sse = 0;
    asm volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(x87), "=m"(sse));
    // Not MXCSR's status flags: nobody may count on them across a call (System V ABI, 3.2.1), and the
    // emulator lets some instructions set them that CR0.EM should keep out.
    sse &= ~std::uint32_t{0x3f};
    return std::uint64_t{x87} << 32 | sse;
}

namespace heddle::test {
namespace {

using namespace amd64;

constexpr std::uint64_t trap_flag = 1U << 8;

/// What LGDT and LIDT take.
struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

std::uint64_t msr(std::uint32_t number) {
    return read_msr(static_cast<Msr>(number));
}

#define READ_REGISTER(instruction)                                                                           \
    (__extension__({                                                                                         \
        std::uint64_t heddle_value = 0;                                                                      \
        asm volatile(instruction : "=r"(heddle_value));                                                      \
        heddle_value;                                                                                        \
    }))

/// Not SS: an interrupt from user mode leaves it null, which is as good to the kernel (SDM vol. 3A, 6.14.4).
void add_tables(CpuState& state) {
    TablePointer pointer{};
    asm volatile("sgdt %0" : "=m"(pointer));
    state.add("GDTR.base", pointer.base);
    state.add("GDTR.limit", pointer.limit);
    asm volatile("sidt %0" : "=m"(pointer));
    state.add("IDTR.base", pointer.base);
    state.add("IDTR.limit", pointer.limit);
    state.add("LDTR", READ_REGISTER("sldt %k0"));
    state.add("TR", READ_REGISTER("str %k0"));
    state.add("CS", READ_REGISTER("movl %%cs, %k0"));
}

void add_debug_registers(CpuState& state) {
    state.add("DR0", READ_REGISTER("movq %%dr0, %0"));
    state.add("DR1", READ_REGISTER("movq %%dr1, %0"));
    state.add("DR2", READ_REGISTER("movq %%dr2, %0"));
    state.add("DR3", READ_REGISTER("movq %%dr3, %0"));
    state.add("DR7", READ_REGISTER("movq %%dr7, %0"));
}

constinit std::uint64_t cr0_before = 0;
constinit std::uint64_t cr4_before = 0;

} // namespace

Corpus fuzz_corpus() {
    return {heddle_fuzz_code, {heddle_fuzz_lengths, heddle_fuzz_lengths_end}};
}

const std::size_t fuzz_instruction_alignment = 1;

/// QEMU 7.2's IRET with 32-bit operands enters virtual-8086 mode when the flags on the program's stack say
/// so, out of 64-bit mode and whoever asks, and takes IOPL from there. A processor leaves both alone (SDM
/// vol. 2A, IRET). Nothing is safe in that state; so no byte of code is that opcode (docs/deviations.md).
std::byte fuzz_code_byte(std::byte byte) {
    constexpr std::byte iret{0xcf};
    constexpr std::byte no_operation{0x90};
    return byte == iret ? no_operation : byte;
}

std::span<const std::uint64_t> fuzz_values() {
    static constexpr std::uint64_t values[] = {
        // selectors: the kernel's, the programs', the local table's
        0x08, 0x10, 0x18, 0x1b, 0x20, 0x23, 0x28, 0x2b, 0x30, 0x33, 0x04, 0x07, 0x0c,
        // model-specific registers
        0x10, 0x1b, 0x174, 0x175, 0x176, 0x1d9, 0x277, 0xc000'0080, 0xc000'0081, 0xc000'0082, 0xc000'0084,
        0xc000'0100, 0xc000'0101, 0xc000'0102,
        // flags: TF, IF, DF, IOPL, NT, RF, VM, AC, ID
        0x100, 0x200, 0x400, 0x3000, 0x4000, 0x1'0000, 0x2'0000, 0x4'0000, 0x20'0000,
        // ports: COM1, the exit device, PCI, the PIC
        0x3f8, 0xf4, 0xcf8, 0x20};
    return values;
}

void fuzz_frame(machine::TrapFrame& frame, Random& random, std::uint64_t (*draw)(Random&),
                VirtAddr program_counter, VirtAddr stack_pointer) {
    auto* const words = reinterpret_cast<std::uint64_t*>(&frame);
    for (std::size_t i = 0; i < sizeof(frame) / sizeof(*words); ++i) {
        words[i] = draw(random);
    }
    frame.rflags = random.next() & ~(random.below(16) != 0 ? trap_flag : 0);
    frame.rip = program_counter.value;
    frame.rsp = stack_pointer.value;
}

CpuState read_cpu_state() {
    CpuState state;
    state.add("CR0", read_cr0());
    state.add("CR3", read_cr3());
    state.add("CR4", read_cr4());
    state.add("EFER", read_msr(Msr::efer));
    state.add("STAR", read_msr(Msr::system_call_segments));
    state.add("LSTAR", read_msr(Msr::system_call_target));
    state.add("CSTAR", msr(0xc000'0083));
    state.add("SFMASK", read_msr(Msr::system_call_mask));
    state.add("GS base", read_msr(Msr::gs_base));
    state.add("SYSENTER_CS", msr(0x174));
    state.add("SYSENTER_ESP", msr(0x175));
    state.add("SYSENTER_EIP", msr(0x176));
    state.add("PAT", read_msr(Msr::page_attributes));
    state.add("APIC_BASE", read_msr(Msr::apic_base));
    // IF, TF, DF, IOPL, NT, VM, AC
    state.add("RFLAGS", machine::read_flags() & 0x6'7700);
    add_debug_registers(state);
    add_tables(state);
    const core::cpu::CpuLocal& cpu = core::cpu::current();
    state.add("CPU", cpu.id.value);
    state.add("entry stack", cpu.machine.entry_stack_top);
    state.add("interrupt nesting", cpu.machine.interrupt_nesting);
    state.add("interrupt depth", cpu.interrupt_depth);
    state.add("locks held", cpu.held_locks.count);
    return state;
}

std::uint64_t lock_simd() {
    const std::uint64_t control = heddle_test_fsave_control();
    cr0_before = read_cr0();
    cr4_before = read_cr4();
    write_cr4(cr4_before & ~(cr4::os_fxsr | cr4::os_xmm_exceptions));
    write_cr0(cr0_before | cr0::emulation);
    return control;
}

std::uint64_t unlock_simd() {
    write_cr0(cr0_before);
    write_cr4(cr4_before);
    return heddle_test_fsave_control();
}

} // namespace heddle::test
