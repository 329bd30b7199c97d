// SPDX-License-Identifier: BSD-2-Clause
// ESR_EL1, the exception syndrome (Arm ARM D19.2.37): what happened, in typed fields and in words.
#pragma once

#include "lib/bits.hpp"
#include "lib/format.hpp"

#include <cstdint>
#include <string_view>

namespace heddle::aarch64 {

/// The values of EC that the kernel tells apart.
enum class ExceptionClass : std::uint8_t {
    unknown = 0x00,
    branch_target = 0x0d,
    supervisor_call = 0x15,
    system_register = 0x18,
    pointer_authentication = 0x1c,
    instruction_abort_lower = 0x20,
    instruction_abort = 0x21,
    pc_alignment = 0x22,
    data_abort_lower = 0x24,
    data_abort = 0x25,
    stack_alignment = 0x26,
    serror = 0x2f,
    software_step_lower = 0x32,
    breakpoint = 0x3c,
};

struct Syndrome {
    std::uint64_t value;

    constexpr ExceptionClass exception_class() const { return ExceptionClass(bits(value, 31, 26)); }

    constexpr std::uint32_t specific() const { return static_cast<std::uint32_t>(bits(value, 24, 0)); }

    constexpr bool is_data_abort() const {
        return exception_class() == ExceptionClass::data_abort ||
               exception_class() == ExceptionClass::data_abort_lower;
    }

    constexpr bool is_instruction_abort() const {
        return exception_class() == ExceptionClass::instruction_abort ||
               exception_class() == ExceptionClass::instruction_abort_lower;
    }

    /// The fault was in fetching the instruction at the program counter, not in what it did.
    constexpr bool of_instruction_fetch() const {
        return is_instruction_abort() || exception_class() == ExceptionClass::pc_alignment ||
               exception_class() == ExceptionClass::branch_target;
    }

    /// Of a data abort: a write, not a read.
    constexpr bool is_write() const { return bits(value, 6, 6) != 0; }

    /// FAR_EL1 says where: every abort but an external one that says otherwise (FnV).
    constexpr bool has_address() const {
        return (is_data_abort() || is_instruction_abort()) && bits(value, 10, 10) == 0;
    }

    /// Of an abort: DFSC or IFSC.
    constexpr std::uint32_t fault_status() const { return static_cast<std::uint32_t>(bits(value, 5, 0)); }
};

/// EC in the manual's words.
std::string_view exception_class_name(Syndrome syndrome);

/// The whole exception in one line: "data abort: write to 0x…: permission fault, level 3".
void describe(Writer& writer, Syndrome syndrome, std::uint64_t fault_address);

} // namespace heddle::aarch64
