// SPDX-License-Identifier: BSD-2-Clause
// The kernel's memory and the programs': read back from the page tables, leaf by leaf, and tried from user
// mode on every CPU.
#include "core/machine/probe.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/image.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"

#include <array>
#include <doctest/doctest.h>
#include <vector>

namespace heddle::test {
namespace {

using namespace core::memory;
using core::user::user_begin;
using core::user::user_end;

constexpr VirtAddr upper_half{0xffff'8000'0000'0000};

constinit std::uint64_t data_word = 0xda7a;
READ_ONLY_AFTER_INIT constinit std::uint64_t sealed_word = 0x5ea1ed;
constexpr std::uint64_t constant_word = 0xc0457;

/// Leaves that are not what they must be.
struct Census {
    std::size_t writable_and_executable = 0;
    std::size_t kernels_open_to_programs = 0;
    std::size_t programs_closed_to_them = 0;
    std::size_t in_neither_half = 0;
    std::size_t kernels = 0;
    std::size_t programs = 0;

    void count(const Leaf& leaf) {
        const bool is_users = leaf.translation.permissions.privilege == Privilege::user;
        writable_and_executable += leaf.writable_and_executable ? 1 : 0;
        if (leaf.begin >= upper_half) {
            ++kernels;
            kernels_open_to_programs += is_users ? 1 : 0;
        } else if (core::user::is_user_range(leaf.begin, leaf.size)) {
            ++programs;
            programs_closed_to_them += is_users ? 0 : 1;
        } else {
            ++in_neither_half;
        }
    }
};

/// Over all tables that the CPUs walk.
Census take_census() {
    Census census;
    kernel_map().for_each_leaf([&](const Leaf& leaf) { census.count(leaf); });
    if constexpr (machine::PageTable::lower_half_apart) {
        user_space().for_each_leaf([&](const Leaf& leaf) { census.count(leaf); });
    }
    return census;
}

/// What a program's attempt came to on one CPU, the first that was not as it must be.
struct Attempt {
    const char* what = nullptr;
    VirtAddr address;
    Fault fault;
};

Attempt try_everything(const std::vector<VirtAddr>& addresses) {
    const struct {
        const char* what;
        const char* fragment;
        Fault::Kind kind;
    } kinds[] = {{"read", heddle_fragment_read, Fault::Kind::read},
                 {"write", heddle_fragment_write, Fault::Kind::write},
                 {"execution", heddle_fragment_jump, Fault::Kind::execute}};

    for (const VirtAddr address : addresses) {
        for (const auto& kind : kinds) {
            const Outcome outcome = Program::run(kind.fragment, address);
            if (outcome.why != Outcome::Why::exception || outcome.fault != Fault{kind.kind, address}) {
                return {kind.what, address, outcome.fault};
            }
        }
    }
    return {};
}

TEST_SUITE_BEGIN("core/user: isolation");

TEST_CASE(
    "ENT-09 no leaf of any table is writable and executable, none of the kernel's is open to programs") {
    const Program program;
    const UserMemory constants{VirtAddr{0x60'0000}, 2 * page_size, Access::read};
    const UserMemory first{user_begin, page_size, Access::read_write};
    const UserMemory last{user_end - page_size, page_size, Access::read_write};
    const Census census = take_census();
    CHECK(census.writable_and_executable == 0);
    CHECK(census.kernels_open_to_programs == 0);
    CHECK(census.programs_closed_to_them == 0);
    CHECK(census.in_neither_half == 0);
    CHECK(census.programs == 6);
    CHECK(census.kernels > 4);
}

TEST_CASE("ENT-09 negative control: a leaf of the kernel's that programs may use is noticed, and one in the "
          "null page") {
    const auto tables = FrameBlock::allocate(3);
    REQUIRE(tables);
    KernelMap map;
    const PhysAddr memory = tables->frame().address();
    REQUIRE(map.create({memory, memory + tables->size()}));
    REQUIRE(map.map(arena_base, PhysAddr{0x1000}, page_size, {.access = Access::read}));
    REQUIRE(map.map(arena_base + page_size, PhysAddr{0x1000}, page_size,
                    {.access = Access::read, .privilege = Privilege::user}));
    REQUIRE(map.map(VirtAddr{0}, PhysAddr{0x1000}, page_size,
                    {.access = Access::read, .privilege = Privilege::user}));
    Census census;
    map.for_each_leaf([&](const Leaf& leaf) { census.count(leaf); });
    CHECK(census.kernels == 2);
    CHECK(census.kernels_open_to_programs == 1);
    CHECK(census.in_neither_half == 1);
}

TEST_CASE("ENT-09 a program on any CPU can neither read, write nor execute the kernel's image, direct map, "
          "arena and stacks") {
    const Program program;
    const auto frame = frames().allocate();
    REQUIRE(frame);
    *to_virtual(frame->address()).as<std::uint64_t>() = 0xf4a3e;
    {
        const auto mapping = map_physical(frame->address(), page_size, {.access = Access::read_write});
        REQUIRE(mapping);
        const std::uint64_t on_the_stack = 0x57ac;
        std::vector<VirtAddr> addresses{
            image_text().begin,
            image_text().end - 8,
            image_rodata().begin,
            VirtAddr::of(&constant_word),
            VirtAddr::of(&sealed_word),
            VirtAddr::of(&data_word),
            VirtAddr::of(&core::cpu::current()),
            VirtAddr::of(&on_the_stack),
            image_data().end - 8,
            to_virtual(frame->address()),
            to_virtual(kernel_map().root()),
            to_virtual(user_space().translate(Program::code)->address), // its own frame by the kernel's name
            mapping->address(),
            direct_map_base, // these may be holes
            arena_base,
            image_base,
            VirtAddr{~std::uint64_t{0} - 7},
        };
        std::array<Attempt, CpuId::limit> attempts{};
        REQUIRE(on_every_cpu([&] {
            const CpuId cpu = core::cpu::current().id;
            attempts[cpu.value] = try_everything(addresses);
        }));
        for (const CpuId cpu : core::cpu::online()) {
            const Attempt& attempt = attempts[cpu.value];
            INFO("CPU ", cpu.value, ", address ", attempt.address, ", fault ",
                 static_cast<int>(attempt.fault.kind), " at ", attempt.fault.address);
            const char* const what = attempt.what;
            CHECK(what == nullptr);
        }
        CHECK(on_the_stack == 0x57ac);
    }
    CHECK(*to_virtual(frame->address()).as<std::uint64_t>() == 0xf4a3e);
    CHECK(data_word == 0xda7a);
    frames().free(*frame);
}

TEST_CASE("ENT-09 the kernel does not execute programs' memory, on any CPU that can say so") {
    const Program program;
    const UserMemory code{VirtAddr{0x70'0000}, page_size, Access::read_write};
    code.load(std::as_bytes(std::span{&machine::return_instruction, 1}));
    REQUIRE(user_space().protect(code.begin(), page_size, Access::read_execute));
    if (!kernel_never_executes_user_memory()) {
        skip("the CPU has no SMEP");
        return;
    }
    std::atomic<unsigned> executed{0};
    REQUIRE(on_every_cpu([&] { executed += machine::probe_execute(code.begin()) ? 1U : 0U; }));
    CHECK(executed == 0);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
