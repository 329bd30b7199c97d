// SPDX-License-Identifier: BSD-2-Clause
// What keeps the kernel and programs apart on this machine alone: one TTBR0 for all CPUs, PAN, and copies
// with a program's rights.
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/probe.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "offsets.h"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"

#include <atomic>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::user::Access;

std::uint64_t tables_here() {
    return READ_SYSTEM_REGISTER(ttbr0_el1);
}

std::uint64_t control_here() {
    return READ_SYSTEM_REGISTER(tcr_el1);
}

struct Expected {
    std::uint64_t tables = tables_here();
    std::uint64_t control = control_here();
    std::atomic<unsigned> same{0};
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-09 programs' half is open, by the same tables, on every CPU") {
    Expected own;
    CHECK((own.control & (1ULL << TCR_EPD0_SHIFT)) == 0);
    CHECK(own.tables != READ_SYSTEM_REGISTER(ttbr1_el1));
    core::cpu::call(
        core::cpu::online(),
        [](void* argument) {
            auto& expected = *static_cast<Expected*>(argument);
            expected.same += tables_here() == expected.tables && control_here() == expected.control ? 1U : 0U;
        },
        &own);
    CHECK(own.same == core::cpu::online_count());
}

TEST_CASE("ENT-08 the kernel's memory cannot be had by a copy with a program's rights, unchecked") {
    std::uint64_t secret = 0x5ec4e7;
    std::uint64_t copy = 0;
    CHECK(machine::copy_from_user_unchecked(&copy, VirtAddr::of(&secret), sizeof(copy)) == sizeof(copy));
    CHECK(copy == 0);
    CHECK(machine::copy_to_user_unchecked(VirtAddr::of(&secret), &copy, sizeof(copy)) == sizeof(copy));
    CHECK(machine::clear_user_unchecked(VirtAddr::of(&secret), sizeof(secret)) == sizeof(secret));
    CHECK(secret == 0x5ec4e7);
}

TEST_CASE("ENT-08 the kernel cannot touch a program's memory by itself, where the CPU has PAN") {
    const UserMemory page{Program::stack, page_size, Access::read_write};
    CHECK(machine::probe_read(page.begin()).has_value() != aarch64::cpu_features.privileged_access_never);
}

TEST_CASE("ENT-07 registers and instructions that are not a program's trap: timers, monitors, masks, caches, "
          "SIMD, WFI") {
    constexpr std::uint32_t forbidden[] = {
        0xd51b'e320, // MSR CNTV_CTL_EL0, X0
        0xd51b'e340, // MSR CNTV_CVAL_EL0, X0
        0xd51b'e220, // MSR CNTP_CTL_EL0, X0
        0xd53b'e020, // MRS X0, CNTPCT_EL0
        0xd51b'9c00, // MSR PMCR_EL0, X0
        0xd53b'9d00, // MRS X0, PMCCNTR_EL0
        0xd51b'9e00, // MSR PMUSERENR_EL0, X0
        0xd533'0400, // MRS X0, DBGDTR_EL0
        0xd53b'4220, // MRS X0, DAIF
        0xd503'43df, // MSR DAIFSet, #3
        0xd51b'4220, // MSR DAIF, X0
        0xd53b'0020, // MRS X0, CTR_EL0
        0xd50b'7420, // DC ZVA, X0
        0xd50b'7e20, // DC CIVAC, X0
        0xd50b'7b20, // DC CVAU, X0
        0xd50b'7520, // IC IVAU, X0
        0xd503'207f, // WFI
        0x9e67'0000, // FMOV D0, X0
        0xd51b'4400, // MSR FPCR, X0
        0xd51b'4100, // an SP_EL0 that is none: MSR S3_3_C4_C1_0, X0
    };
    for (const std::uint32_t instruction : forbidden) {
        CAPTURE(instruction);
        const Program program{instruction, 0xd400'0001}; // SVC, if it gets so far
        const Outcome outcome = Program::run(machine::user_frame(Program::code, VirtAddr{}, 0));
        CHECK(outcome.why == Outcome::Why::exception);
        CHECK(outcome.frame.pc() == Program::code.value);
    }
    const Program reads_the_counter{0xd53b'e040, 0xd400'0001}; // MRS X0, CNTVCT_EL0
    const Outcome outcome = Program::run(machine::user_frame(Program::code, VirtAddr{}, 0));
    CHECK(outcome.why == Outcome::Why::system_call);
    CHECK(outcome.frame.x[0] != 0);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
