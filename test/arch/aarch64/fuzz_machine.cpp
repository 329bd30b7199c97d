// SPDX-License-Identifier: BSD-2-Clause
// The fuzzer's part of this machine: frames of garbage, and the registers that must survive them.
#include "test/user/fuzz_machine.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/sync/interrupts_off.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const std::byte heddle_fuzz_code[];
[[gnu::visibility("hidden")]] extern const std::uint8_t heddle_fuzz_lengths[];
[[gnu::visibility("hidden")]] extern const std::uint8_t heddle_fuzz_lengths_end[];
}

namespace heddle::test {
namespace {

/// Where SP_EL1 stands: frames of exceptions lie below.
std::uint64_t exception_stack_pointer() {
    const core::sync::InterruptsOff off;
    std::uint64_t pointer;
    asm volatile("msr SPSel, #1\n\tmov %0, sp\n\tmsr SPSel, #0" : "=r"(pointer)::"memory");
    return pointer;
}

} // namespace

Corpus fuzz_corpus() {
    return {heddle_fuzz_code, {heddle_fuzz_lengths, heddle_fuzz_lengths_end}};
}

const std::size_t fuzz_instruction_alignment = 4;

std::byte fuzz_code_byte(std::byte byte) {
    return byte;
}

std::span<const std::uint64_t> fuzz_values() {
    static constexpr std::uint64_t values[] = {
        // PSTATE: EL1 on either stack pointer, EL2, EL3, AArch32, masks, software step, illegal state
        0x4, 0x5, 0x9, 0xd, 0x10, 0x3c0, 0x20'0000, 0x10'0000, 0x40'0000,
        // timer and performance monitor controls, semihosting calls
        0x1, 0x2, 0x3, 0x18, 0x20, 0x8000'0000, 0x8000'001f};
    return values;
}

void fuzz_frame(machine::TrapFrame& frame, Random& random, std::uint64_t (*draw)(Random&),
                VirtAddr program_counter, VirtAddr stack_pointer) {
    auto* const words = reinterpret_cast<std::uint64_t*>(&frame);
    for (std::size_t i = 0; i < sizeof(frame) / sizeof(*words); ++i) {
        words[i] = draw(random);
    }
    frame.pstate = random.next();
    frame.program_counter = program_counter.value;
    frame.stack_pointer = stack_pointer.value;
}

CpuState read_cpu_state() {
    CpuState state;
    state.add("SCTLR_EL1", READ_SYSTEM_REGISTER(sctlr_el1));
    state.add("TCR_EL1", READ_SYSTEM_REGISTER(tcr_el1));
    state.add("TTBR0_EL1", READ_SYSTEM_REGISTER(ttbr0_el1));
    state.add("TTBR1_EL1", READ_SYSTEM_REGISTER(ttbr1_el1));
    state.add("MAIR_EL1", READ_SYSTEM_REGISTER(mair_el1));
    state.add("VBAR_EL1", READ_SYSTEM_REGISTER(vbar_el1));
    state.add("CPACR_EL1", READ_SYSTEM_REGISTER(cpacr_el1));
    state.add("TPIDR_EL1", READ_SYSTEM_REGISTER(tpidr_el1));
    state.add("CONTEXTIDR_EL1", READ_SYSTEM_REGISTER(contextidr_el1));
    state.add("CNTKCTL_EL1", READ_SYSTEM_REGISTER(cntkctl_el1));
    state.add("MDSCR_EL1", READ_SYSTEM_REGISTER(mdscr_el1));
    state.add("CSSELR_EL1", READ_SYSTEM_REGISTER(csselr_el1));
    state.add("PMUSERENR_EL0", READ_SYSTEM_REGISTER(pmuserenr_el0));
    state.add("PMCR_EL0", READ_SYSTEM_REGISTER(pmcr_el0));
    state.add("PMCNTENSET_EL0", READ_SYSTEM_REGISTER(pmcntenset_el0));
    state.add("CNTP_CTL_EL0", READ_SYSTEM_REGISTER(cntp_ctl_el0));
    state.add("DAIF", READ_SYSTEM_REGISTER(daif));
    state.add("SPSel", READ_SYSTEM_REGISTER(spsel));
    state.add("SP_EL1", exception_stack_pointer());
    if (aarch64::cpu_features.privileged_access_never) {
        state.add("PAN", READ_SYSTEM_REGISTER(S3_0_C4_C2_3));
    }
    if (aarch64::cpu_features.pointer_authentication) {
        state.add("APIAKeyLo_EL1", READ_SYSTEM_REGISTER(S3_0_C2_C1_0));
        state.add("APIAKeyHi_EL1", READ_SYSTEM_REGISTER(S3_0_C2_C1_1));
    }
    const core::cpu::CpuLocal& cpu = core::cpu::current();
    state.add("CPU", cpu.id.value);
    state.add("exception depth", cpu.machine.exception_depth);
    state.add("interrupt depth", cpu.interrupt_depth);
    state.add("locks held", cpu.held_locks.count);
    return state;
}

// Programs have no access to it by CPACR_EL1, see machine::enable_simd().

/// FPCR and FPSR.
std::uint64_t lock_simd() {
    return READ_SYSTEM_REGISTER(S3_3_C4_C4_0) << 32 | READ_SYSTEM_REGISTER(S3_3_C4_C4_1);
}

std::uint64_t unlock_simd() {
    return lock_simd();
}

} // namespace heddle::test
