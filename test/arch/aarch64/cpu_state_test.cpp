// SPDX-License-Identifier: BSD-2-Clause
// The state that boot left the CPU in.
#include "core/cpu/cpu_local.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "machine/page_table.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

bool system_control(unsigned bit) {
    return (READ_SYSTEM_REGISTER(sctlr_el1) >> bit & 1) != 0;
}

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("the kernel runs at EL1 on SP_EL0, however it was started") {
    CHECK(READ_SYSTEM_REGISTER(CurrentEL) == 1U << 2);
    CHECK(READ_SYSTEM_REGISTER(SPSel) == 0);
}

TEST_CASE("MMU, caches, stack alignment checks and write-implies-not-executable are on") {
    CHECK(system_control(0));  // M
    CHECK(system_control(2));  // C
    CHECK(system_control(3));  // SA
    CHECK(system_control(12)); // I
    CHECK(system_control(19)); // WXN
}

TEST_CASE("PAN and pointer authentication are on where the CPU has them") {
    if (aarch64::cpu_features.privileged_access_never) {
        CHECK_FALSE(system_control(23));                // SPAN: exceptions set it
        CHECK(READ_SYSTEM_REGISTER(S3_0_C4_C2_3) != 0); // PSTATE.PAN
    }
    CHECK(system_control(31) == aarch64::cpu_features.pointer_authentication); // EnIA
}

TEST_CASE("return addresses are signed, differently on different stacks, where the CPU can") {
    std::uint64_t a = 0xffff'ffff'8000'1234;
    std::uint64_t b = a;
    asm volatile("mov x17, %0\n\tmov x16, #0x1000\n\thint #8\n\tmov %0, x17"
                 : "+r"(a)::"x16", "x17"); // PACIA1716
    asm volatile("mov x17, %0\n\tmov x16, #0x2000\n\thint #8\n\tmov %0, x17" : "+r"(b)::"x16", "x17");
    CHECK((a != b) == aarch64::cpu_features.pointer_authentication);
}

TEST_CASE("the lower half of the address space is programs', and empty of boot's identity mapping") {
    CHECK((READ_SYSTEM_REGISTER(tcr_el1) >> 7 & 1) == 0); // EPD0
    CHECK_FALSE(machine::probe_read(VirtAddr{0x4000'0000}).has_value());
    CHECK_FALSE(machine::probe_read(VirtAddr{0x4020'0000}).has_value());
}

TEST_CASE("exchanging the page tables for themselves leaves everything as it was") {
    const PhysAddr root = machine::PageTable::active_root();
    const std::uint64_t control = READ_SYSTEM_REGISTER(tcr_el1);
    const std::uint64_t programs = READ_SYSTEM_REGISTER(ttbr0_el1);
    machine::PageTable::activate(root);
    CHECK(machine::PageTable::active_root() == root);
    CHECK(READ_SYSTEM_REGISTER(tcr_el1) == control);
    CHECK((control >> 23 & 1) == 0);
    CHECK(READ_SYSTEM_REGISTER(ttbr0_el1) == programs);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("random numbers differ") {
    const std::uint64_t first = machine::random();
    const std::uint64_t second = machine::random();
    CHECK(first != second);
    CHECK(first != 0);
    CHECK(__builtin_popcountll(first ^ second) > 8);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
