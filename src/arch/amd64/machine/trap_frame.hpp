// SPDX-License-Identifier: BSD-2-Clause
// What entry code saves of the interrupted code, in the order in which trap/vectors.S pushes it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::machine {

/// All general registers, then what the CPU itself pushed. Changes are taken over by the return.
struct TrapFrame {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    std::uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    std::uint64_t vector;
    std::uint64_t error_code; ///< of the exceptions that have one, else 0; of interrupts meaningless
    std::uint64_t rip;
    std::uint64_t cs;
    std::uint64_t rflags;
    std::uint64_t rsp;
    std::uint64_t ss;

    std::uint64_t pc() const { return rip; }

    std::uint64_t sp() const { return rsp; }

    std::uint64_t frame_pointer() const { return rbp; }

    bool from_user() const { return (cs & 3) != 0; }
};

// trap/frame.h has these numbers.
static_assert(offsetof(TrapFrame, rbp) == 64);
static_assert(offsetof(TrapFrame, rax) == 112);
static_assert(offsetof(TrapFrame, vector) == 120);
static_assert(offsetof(TrapFrame, rip) == 136);
static_assert(offsetof(TrapFrame, cs) == 144);
static_assert(sizeof(TrapFrame) == 176);

} // namespace heddle::machine
