// SPDX-License-Identifier: BSD-2-Clause
// The syndrome in words. Names follow the Arm ARM's tables.
#include "trap/exception.hpp"

namespace heddle::aarch64 {
namespace {

/// Fault status codes whose low two bits are a level of the page-table walk (Arm ARM, ISS encoding for a Data
/// Abort, DFSC).
std::string_view leveled_fault_name(std::uint32_t status) {
    switch (status >> 2) {
    case 0b0000: return "address size fault";
    case 0b0001: return "translation fault";
    case 0b0010: return "access flag fault";
    case 0b0011: return "permission fault";
    case 0b0101: return "external abort on a table walk";
    case 0b0111: return "parity error on a table walk";
    default: return {};
    }
}

std::string_view fault_name(std::uint32_t status) {
    switch (status) {
    case 0b010000: return "external abort";
    case 0b010001: return "tag check fault";
    case 0b011000: return "parity error";
    case 0b100001: return "alignment fault";
    case 0b110000: return "TLB conflict";
    case 0b110001: return "unsupported atomic update";
    case 0b110100: return "lockdown fault";
    case 0b110101: return "unsupported exclusive or atomic access";
    default: return "unknown fault";
    }
}

void describe_abort(Writer& writer, Syndrome syndrome, std::uint64_t fault_address) {
    const std::string_view doing = syndrome.is_instruction_abort() ? "fetch from"
                                   : syndrome.is_write()           ? "write to"
                                                                   : "read of";
    if (syndrome.has_address()) {
        format_to(writer, ": {} {:#x}", doing, fault_address);
    }
    const std::string_view leveled = leveled_fault_name(syndrome.fault_status());
    if (leveled.empty()) {
        format_to(writer, ": {}", fault_name(syndrome.fault_status()));
    } else {
        format_to(writer, ": {}, level {}", leveled, syndrome.fault_status() & 3);
    }
}

} // namespace

std::string_view exception_class_name(Syndrome syndrome) {
    switch (static_cast<unsigned>(syndrome.exception_class())) {
    case 0x00: return "undefined instruction";
    case 0x01: return "trapped WFI or WFE";
    case 0x03:
    case 0x05: return "trapped coprocessor 15 or 14 access";
    case 0x07: return "FP or SIMD instruction with the unit off";
    case 0x09: return "trapped pointer authentication";
    case 0x0a: return "trapped 64-byte load or store";
    case 0x0d: return "branch to what is no branch target";
    case 0x0e: return "illegal execution state";
    case 0x11:
    case 0x15: return "system call (SVC)";
    case 0x16: return "hypervisor call (HVC)";
    case 0x17: return "secure monitor call (SMC)";
    case 0x18: return "trapped system register access";
    case 0x19: return "SVE instruction with the unit off";
    case 0x1c: return "pointer authentication failure";
    case 0x1d: return "SME instruction with the unit off";
    case 0x20: return "instruction abort in user mode";
    case 0x21: return "instruction abort";
    case 0x22: return "misaligned program counter";
    case 0x24: return "data abort in user mode";
    case 0x25: return "data abort";
    case 0x26: return "misaligned stack pointer";
    case 0x27: return "memory operation exception";
    case 0x28:
    case 0x2c: return "trapped floating-point exception";
    case 0x2f: return "SError";
    case 0x30:
    case 0x31: return "hardware breakpoint";
    case 0x32:
    case 0x33: return "software step";
    case 0x34:
    case 0x35: return "watchpoint";
    case 0x38: return "breakpoint (BKPT)";
    case 0x3c: return "breakpoint (BRK)";
    default: return "unknown exception";
    }
}

void describe(Writer& writer, Syndrome syndrome, std::uint64_t fault_address) {
    writer.write(exception_class_name(syndrome));
    if (syndrome.is_data_abort() || syndrome.is_instruction_abort()) {
        describe_abort(writer, syndrome, fault_address);
    }
}

} // namespace heddle::aarch64
