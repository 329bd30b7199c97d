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

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
