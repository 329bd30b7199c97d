// SPDX-License-Identifier: BSD-2-Clause
// Sums over memory maps with overlaps, holes, and regions at the end of the address space.
#include "core/boot/boot_info.hpp"
#include "test/core/boot/fresh_boot_info.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::boot::BootInfo;
using core::boot::MemoryKind;

TEST_SUITE_BEGIN("core/boot/boot_info");

TEST_CASE("a machine without memory has none") {
    const BootInfo& boot_info = fresh_boot_info();
    CHECK(boot_info.end_of_memory() == PhysAddr{0});
    CHECK(boot_info.usable_bytes() == 0);
    CHECK_FALSE(boot_info.is_ram(PhysAddr{0}, 1));
}

TEST_CASE("where regions overlap, the kind that comes later wins") {
    BootInfo& boot_info = fresh_boot_info();
    add_memory(boot_info, 0x100000, 0x100000, MemoryKind::usable);
    add_memory(boot_info, 0x180000, 0x100000, MemoryKind::usable);
    add_memory(boot_info, 0x110000, 0x10000, MemoryKind::kernel);
    add_memory(boot_info, 0x118000, 0x10000, MemoryKind::module);
    add_memory(boot_info, 0x270000, 0x20000, MemoryKind::reserved);
    CHECK(boot_info.usable_bytes() == 0x180000 - 0x18000 - 0x10000);
    CHECK(boot_info.end_of_memory() == PhysAddr{0x280000});
    CHECK(boot_info.is_ram(PhysAddr{0x100000}, 0x170000));
    CHECK_FALSE(boot_info.is_ram(PhysAddr{0x100000}, 0x170001));
    CHECK_FALSE(boot_info.is_ram(PhysAddr{0xfffff}, 2));
}

TEST_CASE("a range that crosses a hole is not RAM") {
    BootInfo& boot_info = fresh_boot_info();
    add_memory(boot_info, 0x1000, 0x1000, MemoryKind::usable);
    add_memory(boot_info, 0x3000, 0x1000, MemoryKind::reclaimable);
    CHECK(boot_info.is_ram(PhysAddr{0x3000}, 0x1000));
    CHECK_FALSE(boot_info.is_ram(PhysAddr{0x1000}, 0x3000));
    CHECK(boot_info.end_of_memory() == PhysAddr{0x4000});
    CHECK(boot_info.usable_bytes() == 0x1000);
}

TEST_CASE("regions and ranges at the end of the address space do not wrap") {
    BootInfo& boot_info = fresh_boot_info();
    add_memory(boot_info, UINT64_MAX - 0xfff, 0x2000, MemoryKind::usable);
    CHECK(boot_info.end_of_memory() == PhysAddr{UINT64_MAX});
    CHECK(boot_info.usable_bytes() == 0xfff);
    CHECK_FALSE(boot_info.is_ram(PhysAddr{UINT64_MAX - 0xfff}, 0x2000));
    CHECK(boot_info.is_ram(PhysAddr{UINT64_MAX - 0xfff}, 0x800));
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
