// SPDX-License-Identifier: BSD-2-Clause
// Instructions that raise an exception or an interrupt in a known state (provoke.S).
#pragma once

#include <array>
#include <cstdint>

namespace heddle::test {

/// What a fix-up leaves (trap/fixup.h); `vector` is `none` when nothing was raised.
struct Raised {
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    std::uint64_t vector;
    std::uint64_t error_code;
};

/// Every general register but RSP, in the order of their names here, and the status flags.
struct Registers {
    enum Name : std::uint8_t {
        rax,
        rbx,
        rcx,
        rdx,
        rsi,
        rdi,
        rbp,
        r8,
        r9,
        r10,
        r11,
        r12,
        r13,
        r14,
        r15,
        rflags,
        count
    };

    std::array<std::uint64_t, count> values;

    bool operator==(const Registers&) const = default;
};

/// An interrupt vector that the kernel does not use; provoke.S raises it.
inline constexpr std::uint8_t test_vector = 241;
/// Another one, to be raised inside a handler of the first.
inline constexpr std::uint8_t nested_test_vector = 242;

} // namespace heddle::test

extern "C" {
heddle::test::Raised heddle_test_breakpoint();
heddle::test::Raised heddle_test_undefined();
heddle::test::Raised heddle_test_divide_by_zero();
/// Loads DS with a selector beyond the GDT.
heddle::test::Raised heddle_test_bad_selector();
heddle::test::Raised heddle_test_read(std::uint64_t address);
heddle::test::Raised heddle_test_write(std::uint64_t address);
heddle::test::Raised heddle_test_execute(std::uint64_t address);

/// Loads every register from `before`, raises test_vector (`interrupt`) or a breakpoint, stores every
/// register to `after`.
void heddle_test_interrupt_with_registers(const heddle::test::Registers* before,
                                          heddle::test::Registers* after);
void heddle_test_breakpoint_with_registers(const heddle::test::Registers* before,
                                           heddle::test::Registers* after);
/// By INT: the way in is that of the real ones.
void heddle_test_debug_with_registers(const heddle::test::Registers* before, heddle::test::Registers* after);
void heddle_test_non_maskable_with_registers(const heddle::test::Registers* before,
                                             heddle::test::Registers* after);
void heddle_test_machine_check_with_registers(const heddle::test::Registers* before,
                                              heddle::test::Registers* after);
/// As these, but takes the interrupts that wait. Interrupts off, before and after.
void heddle_test_pending_with_registers(const heddle::test::Registers* before,
                                        heddle::test::Registers* after);

/// Sets RFLAGS.TF and executes two no-ops, of which the debug hook should see the first, then clears it.
void heddle_test_single_step();
extern const char heddle_test_single_step_target[];

/// Pushes with `stack` for a stack pointer, of which nothing is mapped. Returns when the hook of the double
/// fault goes on at the target, with RSP from RBX. Interrupts off.
void heddle_test_double_fault(std::uint64_t stack);
extern const char heddle_test_double_fault_target[];

/// Uses up the stack by calling itself.
[[noreturn]] void heddle_test_overflow();
}
