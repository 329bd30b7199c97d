// SPDX-License-Identifier: BSD-2-Clause
// What the fuzzer of user mode has to know of the machine: test/arch/<machine>/fuzz_*.
#pragma once

#include "lib/units.hpp"
#include "machine/trap_frame.hpp"
#include "test/floor/random.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace heddle::test {

/// Real instructions and short sequences, one behind the other, and the length of each in bytes.
struct Corpus {
    const std::byte* code;
    std::span<const std::uint8_t> lengths;
};

Corpus fuzz_corpus();

/// Where an instruction may begin, in bytes.
extern const std::size_t fuzz_instruction_alignment;

/// What stands for `byte` in code: mostly itself, but for what the emulator, not the machine, gets wrong.
std::byte fuzz_code_byte(std::byte byte);

/// Numbers that mean something to the machine: of registers, selectors, flags.
std::span<const std::uint64_t> fuzz_values();

/// Makes every field of `frame` what `draw()` gives, and the flags mostly such that a program gets beyond its
/// first instruction; then sets program counter and stack pointer.
void fuzz_frame(machine::TrapFrame& frame, Random& random, std::uint64_t (*draw)(Random&),
                VirtAddr program_counter, VirtAddr stack_pointer);

/// A CPU's state that no program may change, register by register. Names are literals.
struct CpuState {
    static constexpr std::size_t limit = 40;

    struct Register {
        std::string_view name;
        std::uint64_t value = 0;

        bool operator==(const Register&) const = default;
    };

    std::array<Register, limit> registers{};
    std::size_t count = 0;

    void add(std::string_view name, std::uint64_t value) { registers[count++] = {name, value}; }
};

/// The calling CPU's. Thread context.
CpuState read_cpu_state();

/// Takes the SIMD unit, which the runner uses, from programs on the calling CPU; returns its control
/// registers. The caller uses none either until unlock_simd(), which returns them again.
std::uint64_t lock_simd();
std::uint64_t unlock_simd();

} // namespace heddle::test
