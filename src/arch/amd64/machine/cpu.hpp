// SPDX-License-Identifier: BSD-2-Clause
// One-instruction primitives of the CPU that the machine-independent kernel uses. What needs more is in
// core/machine/.
#pragma once

#include <cstdint>

namespace heddle::machine {

/// RFLAGS as it was: opaque to callers, who only hand it back.
struct InterruptState {
    std::uint64_t flags;
};

/// RFLAGS.IF.
inline constexpr std::uint64_t interrupt_flag = 1U << 9;

inline std::uint64_t read_flags() {
    std::uint64_t flags;
    asm volatile("pushfq\n\tpopq %0" : "=r"(flags) : : "memory");
    return flags;
}

inline void enable_interrupts() {
    asm volatile("sti" : : : "memory");
}

inline void disable_interrupts() {
    asm volatile("cli" : : : "memory");
}

inline bool interrupts_enabled() {
    return (read_flags() & interrupt_flag) != 0;
}

[[nodiscard]] inline InterruptState save_and_disable_interrupts() {
    const InterruptState state{read_flags()};
    disable_interrupts();
    return state;
}

inline void restore_interrupts(InterruptState state) {
    if ((state.flags & interrupt_flag) != 0) {
        enable_interrupts();
    }
}

/// Tells the core that this is a spinning loop.
inline void pause() {
    asm volatile("pause" : : : "memory");
}

/// Enables interrupts and sleeps until one has come. No wake-up is lost: STI holds interrupts back until HLT
/// has begun.
inline void wait_for_interrupt() {
    asm volatile("sti\n\thlt" : : : "memory");
}

/// Stops this CPU for good.
[[noreturn]] inline void halt() {
    for (;;) {
        asm volatile("cli\n\thlt" : : : "memory");
    }
}

/// The time-stamp counter, not ordered with the instructions around it.
inline std::uint64_t cycle_count() {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return (std::uint64_t{high} << 32) | low;
}

/// What one step of cycle_count() counts under `qemu -icount shift=0`, where a nanosecond is an instruction.
inline constexpr std::uint64_t instructions_per_cycle_count = 1;

/// This CPU's CpuLocal, whose first word points to itself: one load through GS.
inline std::uint64_t cpu_pointer() {
    std::uint64_t pointer;
    asm volatile("movq %%gs:0, %0" : "=r"(pointer));
    return pointer;
}

/// Makes the CpuLocal at `pointer` this CPU's: writes its self-pointer and the GS base. Interrupts off.
inline void set_cpu_pointer(std::uint64_t pointer) {
    constexpr std::uint32_t gs_base = 0xc000'0101;
    *reinterpret_cast<std::uint64_t*>(pointer) = pointer;
    asm volatile("wrmsr"
                 :
                 : "c"(gs_base), "a"(static_cast<std::uint32_t>(pointer)),
                   "d"(static_cast<std::uint32_t>(pointer >> 32))
                 : "memory");
}

} // namespace heddle::machine
