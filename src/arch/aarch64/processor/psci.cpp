// SPDX-License-Identifier: BSD-2-Clause
// The calling convention of firmware (Arm DEN 0028, SMC calling convention 1.0: x4 to x17 are lost).
#include "processor/psci.hpp"

#include "trap/fixup.hpp"

namespace heddle::aarch64::psci {
namespace {

constinit core::boot::PowerKind conduit = core::boot::PowerKind::none;

} // namespace

void use(core::boot::PowerKind kind) {
    conduit = kind;
}

/// A call by `instruction`; when that is undefined, the result stays what it was: the function's id, which is
/// no status.
#define HEDDLE_FIRMWARE_CALL(instruction)                                                                    \
    asm volatile("1: " instruction " #0\n"                                                                   \
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")                                                           \
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", \
                   "x12", "x13", "x14", "x15", "x16", "x17", "memory")

Status call(Function function, std::uint64_t first, std::uint64_t second, std::uint64_t third) {
    register std::uint64_t x0 asm("x0") = static_cast<std::uint64_t>(function);
    register std::uint64_t x1 asm("x1") = first;
    register std::uint64_t x2 asm("x2") = second;
    register std::uint64_t x3 asm("x3") = third;
    if (conduit == core::boot::PowerKind::psci_hvc) {
        HEDDLE_FIRMWARE_CALL("hvc");
    } else if (conduit == core::boot::PowerKind::psci_smc) {
        HEDDLE_FIRMWARE_CALL("smc");
    }
    // Firmware that knows no 64-bit calls answers in 32 bits.
    const auto status = static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(x0)));
    const bool answered = x0 != static_cast<std::uint64_t>(function);
    return answered ? Status{status} : Status::not_supported;
}

#undef HEDDLE_FIRMWARE_CALL

} // namespace heddle::aarch64::psci
