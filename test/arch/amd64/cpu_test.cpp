// SPDX-License-Identifier: BSD-2-Clause
// The CPU's protections against what CPUID says, self-relocation, and the sources of random numbers and of
// the date.
#include "boot/relocate.hpp"
#include "core/machine/machine.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "machine/page_table.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"

#include <array>
#include <bit>

namespace heddle::test {
namespace {

using namespace amd64;

constexpr bool bit(std::uint64_t word, unsigned number) {
    return (word >> number & 1) != 0;
}

CpuidResult extended_features() {
    return cpuid(0).eax >= 7 ? cpuid(7) : CpuidResult{};
}

TEST_CASE(
    "ENT-09 SMEP, SMAP and UMIP are on exactly where the CPU has them; write protection and NX always") {
    const CpuidResult extended = extended_features();
    CHECK(bit(read_cr4(), 20) == bit(extended.ebx, 7));
    CHECK(bit(read_cr4(), 21) == bit(extended.ebx, 20));
    CHECK(bit(read_cr4(), 11) == bit(extended.ecx, 2));
    CHECK(bit(read_cr4(), 6) == bit(cpuid(1).edx, 7)); // machine checks are reported
    CHECK(bit(read_cr0(), 16));
    CHECK(bit(read_msr(Msr::efer), 11));
}

TEST_CASE("leaves of 1 GiB are used exactly where the CPU has them") {
    CHECK(machine::PageTable::supports_leaf(0));
    CHECK(machine::PageTable::supports_leaf(1));
    CHECK(machine::PageTable::supports_leaf(2) == bit(cpuid(0x8000'0001).edx, 26));
    CHECK_FALSE(machine::PageTable::supports_leaf(3));
}

TEST_CASE("a leaf's permissions read back as they were asked for") {
    using namespace core::memory;
    using machine::PageTable;
    constexpr PhysAddr address{0x12'4000'0000};
    for (const Access access : {Access::read, Access::read_write, Access::read_execute}) {
        for (const Privilege privilege : {Privilege::kernel, Privilege::user}) {
            for (const Caching caching : {Caching::normal, Caching::device}) {
                for (unsigned level = 0; level < 3; ++level) {
                    const Permissions permissions{access, privilege, caching};
                    const auto entry = PageTable::leaf_entry(address, permissions, level);
                    CHECK(PageTable::present(entry));
                    CHECK(PageTable::leaf(entry, level));
                    CHECK(PageTable::address(entry) == address);
                    CHECK((PageTable::permissions(entry) == permissions));
                    CHECK_FALSE(PageTable::writable_and_executable(entry));
                }
            }
        }
    }
    CHECK_FALSE(PageTable::leaf(PageTable::table_entry(address), 1));
    CHECK(PageTable::address(PageTable::table_entry(address)) == address);
    CHECK_FALSE(PageTable::present(0));
}

TEST_CASE("the active tables are the ones in CR3, page-aligned") {
    CHECK(machine::PageTable::active_root().value == (read_cr3() & ~std::uint64_t{0xfff}));
}

TEST_CASE("self-relocation slides the words that its table names and no others") {
    constexpr std::uint64_t slide = 0x20'0000;
    std::array<std::uint64_t, 140> words{};
    words.fill(1000);
    const auto linked_at = [&](std::size_t index) {
        return reinterpret_cast<std::uintptr_t>(&words[index]) - slide;
    };
    // Word 2, then bitmaps for the 63 words after it and the 63 after those; then word 139 by its address.
    const std::array<std::uint64_t, 4> table{linked_at(2), 1 | 1ULL << 1 | 1ULL << 63, 1 | 1ULL << 5,
                                             linked_at(139)};
    amd64::apply_relative_relocations(table, slide);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool named = i == 2 || i == 3 || i == 65 || i == 70 || i == 139;
        CHECK(words[i] == (named ? 1000 + slide : 1000));
    }
}

TEST_CASE("random numbers differ from each other in about half of their bits") {
    constexpr unsigned draws = 256;
    unsigned changed = 0;
    std::uint64_t last = machine::random();
    for (unsigned i = 0; i < draws; ++i) {
        const std::uint64_t next = machine::random();
        REQUIRE(next != last);
        changed += static_cast<unsigned>(std::popcount(next ^ last));
        last = next;
    }
    // 16,384 fair coins: eight standard deviations are 512.
    CHECK(changed > draws * 32 - 512);
    CHECK(changed < draws * 32 + 512);
}

TEST_CASE("the clock chip tells a date of this century that does not run backward") {
    const auto first = machine::read_real_time_clock(env().boot_info());
    const auto second = machine::read_real_time_clock(env().boot_info());
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(*first >= 1'704'067'200); // 2024-01-01
    CHECK(*first < 4'102'444'800);  // 2100-01-01
    CHECK(*second >= *first);
    CHECK(*second <= *first + 2);
}

} // namespace
} // namespace heddle::test
