// SPDX-License-Identifier: BSD-2-Clause
// One-instruction primitives of this CPU, checked by core/machine/contract.hpp. System registers are in
// registers.hpp.
#pragma once

#include <cstdint>

namespace heddle::machine {

/// Which interrupts were masked: the DAIF field of PSTATE.
struct InterruptState {
    std::uint64_t daif;
};

namespace detail {

// DAIFSet and DAIFClr take I and F as bits 1 and 0; FIQ is masked with IRQ, because nothing here uses it.
inline constexpr std::uint64_t daif_irq = 1U << 7;

} // namespace detail

inline void disable_interrupts() {
    asm volatile("msr daifset, #3" ::: "memory");
}

/// SErrors too: whoever may be interrupted may be told of an error, and an exception handler that turns
/// interrupts on has them masked.
inline void enable_interrupts() {
    asm volatile("msr daifclr, #7" ::: "memory");
}

inline bool interrupts_enabled() {
    std::uint64_t daif;
    asm volatile("mrs %0, daif" : "=r"(daif));
    return (daif & detail::daif_irq) == 0;
}

[[nodiscard]] inline InterruptState save_and_disable_interrupts() {
    InterruptState state;
    asm volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(state.daif)::"memory");
    return state;
}

inline void restore_interrupts(InterruptState state) {
    asm volatile("msr daif, %0" ::"r"(state.daif) : "memory");
}

/// Inside a loop that waits for another CPU.
inline void pause() {
    asm volatile("yield" ::: "memory");
}

/// Sleeps until an interrupt is pending and lets it in. Called with interrupts off, so that one that came
/// between the caller's last test and here still ends the sleep (WFI ignores the mask, Arm ARM D1.6.2);
/// returns with interrupts on. By the ISB the interrupt is taken here, also when the caller turns them off
/// next.
inline void wait_for_interrupt() {
    asm volatile("dsb sy\n\twfi\n\tmsr daifclr, #3\n\tisb" ::: "memory");
}

/// Stops this CPU for good.
[[noreturn]] inline void halt() {
    for (;;) {
        asm volatile("msr daifset, #0xf\n\twfi" ::: "memory");
    }
}

/// The generic timer's count: the finest clock that every CPU has. Ordered after earlier instructions.
inline std::uint64_t cycle_count() {
    std::uint64_t count;
    asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
    return count;
}

/// What one step of cycle_count() counts under `qemu -icount shift=0`, where a nanosecond is an instruction:
/// the counter runs at 62.5 MHz.
inline constexpr std::uint64_t instructions_per_cycle_count = 16;

/// This CPU's CpuLocal, in TPIDR_EL1.
inline std::uint64_t cpu_pointer() {
    std::uint64_t pointer;
    asm volatile("mrs %0, tpidr_el1" : "=r"(pointer));
    return pointer;
}

inline void set_cpu_pointer(std::uint64_t pointer) {
    asm volatile("msr tpidr_el1, %0" ::"r"(pointer) : "memory");
}

} // namespace heddle::machine
