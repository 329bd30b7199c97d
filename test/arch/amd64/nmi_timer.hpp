// SPDX-License-Identifier: BSD-2-Clause
// The local APIC's timer in NMI mode: a non-maskable interrupt after a count. Under `-icount` a count is an
// instruction.
#pragma once

#include "interrupt/local_apic.hpp"

#include <algorithm>

namespace heddle::test {

/// The calling CPU's timer, which deadlines do without meanwhile, for a block on that CPU.
class NmiTimer {
  public:
    NmiTimer()
        : timer_{apic().read(Register::timer)}
        , armed_{apic().read(Register::timer_current_count)} {
        constexpr std::uint32_t delivery_nmi = 4U << 8;
        apic().write(Register::timer_initial_count, 0);
        apic().write(Register::timer, delivery_nmi);
    }

    ~NmiTimer() {
        apic().write(Register::timer_initial_count, 0);
        apic().write(Register::timer, timer_);
        // At least 1: it may have run out since, or be about to be seen to, and the tick must not be lost.
        apic().write(Register::timer_initial_count, std::max(armed_, 1U));
    }

    NmiTimer(const NmiTimer&) = delete;
    NmiTimer& operator=(const NmiTimer&) = delete;

    static void set(std::uint32_t count) { apic().write(Register::timer_initial_count, count); }

  private:
    using Register = amd64::LocalApicRegister;

    static amd64::LocalApic& apic() { return amd64::local_apic(); }

    const std::uint32_t timer_;
    const std::uint32_t armed_;
};

/// Whether the machine's time is a count of instructions: a loop takes exactly as many cycles as it has.
inline bool time_counts_instructions() {
    constexpr std::uint64_t turns = 5000;
    for (unsigned attempt = 0; attempt < 3; ++attempt) {
        std::uint64_t left = turns;
        std::uint64_t cycles = 0;
        asm volatile("rdtsc\n\t"
                     "shlq $32, %%rdx\n\t"
                     "orq %%rdx, %%rax\n\t"
                     "movq %%rax, %1\n"
                     "1:\n\t"
                     "decq %0\n\t"
                     "jnz 1b\n\t"
                     "rdtsc\n\t"
                     "shlq $32, %%rdx\n\t"
                     "orq %%rdx, %%rax\n\t"
                     "subq %1, %%rax\n\t"
                     "movq %%rax, %1"
                     : "+r"(left), "=&r"(cycles)
                     :
                     : "rax", "rdx", "cc");
        if (cycles != 2 * turns + 4) { // and the first reading, which is in the count, with three behind it
            return false;
        }
    }
    return true;
}

} // namespace heddle::test
