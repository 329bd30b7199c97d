// SPDX-License-Identifier: BSD-2-Clause
// User mappings: what is refused, what is left behind by failures (nothing), and what programs on all CPUs
// may do with them.
#include "core/cpu/online.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/layout.hpp"
#include "core/user/user_space.hpp"
#include "test/floor/background.hpp"
#include "test/floor/failing_allocations.hpp"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"

#include <doctest/doctest.h>
#include <vector>

namespace heddle::test {
namespace {

using core::memory::Access;
using core::memory::FrameList;
using core::memory::Leaf;
using core::memory::Privilege;
using core::user::user_begin;
using core::user::user_end;

constexpr VirtAddr somewhere{0x1000'0000};

std::size_t leaf_count() {
    std::size_t count = 0;
    user_space().for_each_leaf([&](const Leaf&) { ++count; });
    return count;
}

/// What the page at `address` permits, or nothing.
Result<Access> access_at(VirtAddr address) {
    const auto translation = user_space().translate(address);
    if (!translation) {
        return fail(translation.error());
    }
    return translation->permissions.access;
}

TEST_SUITE("core/user: space") {
    TEST_CASE("memory that is mapped is zero, the program's, and gone afterwards") {
        REQUIRE(leaf_count() == 0);
        {
            const UserMemory memory{somewhere, 3 * page_size, Access::read_write};
            CHECK(leaf_count() == 3);
            for (std::uint64_t offset = 0; offset < memory.size(); ++offset) {
                REQUIRE(memory.kernel_view(0)[offset % page_size] == 0);
            }
            memory.fill(0xa5);
            user_space().for_each_leaf([&](const Leaf& leaf) {
                CHECK(leaf.size == page_size);
                CHECK(leaf.translation.permissions.privilege == Privilege::user);
            });
            CHECK(user_space().translate(somewhere + 5)->address ==
                  user_space().translate(somewhere)->address + 5);
        }
        CHECK(leaf_count() == 0);
        CHECK(user_space().translate(somewhere).error() == Error::not_found);
        const UserMemory again{somewhere, page_size, Access::read}; // likely a frame from above
        CHECK(*again.kernel_view(page_size - 1) == 0);
    }

    TEST_CASE(
        "what is not the programs' is refused: null page, kernel, the last page, overflow, odd values") {
        auto& space = user_space();

        struct {
            VirtAddr begin;
            std::uint64_t size;
            Error error;
        } const refused[] = {
            {VirtAddr{0}, page_size, Error::bad_address},
            {user_begin - page_size, page_size, Error::bad_address},
            {user_begin - page_size, 2 * page_size, Error::bad_address},
            {user_end, page_size, Error::bad_address},
            {user_end - page_size, 2 * page_size, Error::bad_address},
            {VirtAddr{0x1234'0000'0000'0000}, page_size, Error::bad_address},
            {core::memory::direct_map_base, page_size, Error::bad_address},
            {core::memory::arena_base, page_size, Error::bad_address},
            {core::memory::image_base, page_size, Error::bad_address},
            {user_begin, ~std::uint64_t{0} - page_size + 1, Error::bad_address},
            {VirtAddr{~std::uint64_t{0} - page_size + 1}, page_size, Error::bad_address},
            {somewhere, 0, Error::invalid_argument},
            {somewhere, page_size - 1, Error::invalid_argument},
            {somewhere + 8, page_size, Error::invalid_argument},
        };

        for (const auto& each : refused) {
            CAPTURE(each.begin);
            CAPTURE(each.size);
            CHECK(space.map(each.begin, each.size, Access::read_write).error() == each.error);
            CHECK(space.unmap(each.begin, each.size).error() == each.error);
            CHECK(space.protect(each.begin, each.size, Access::read).error() == each.error);
        }
        FrameList none;
        CHECK(space.map(somewhere, none, Access::read).error() == Error::invalid_argument);
        CHECK(space.translate(core::memory::image_base).error() == Error::bad_address);
        CHECK(leaf_count() == 0);
    }

    TEST_CASE("the first and the last page can be had") {
        const UserMemory first{user_begin, page_size, Access::read};
        const UserMemory last{user_end - page_size, page_size, Access::read};
        CHECK(leaf_count() == 2);
    }

    TEST_CASE("what overlaps is refused and changes nothing, and the frames stay the caller's") {
        auto& space = user_space();
        const UserMemory there{somewhere + 2 * page_size, 2 * page_size, Access::read_write};
        const auto before = space.translate(there.begin())->address;
        for (const auto& [from, pages] :
             std::vector<std::pair<unsigned, unsigned>>{{0, 3}, {0, 8}, {2, 1}, {2, 2}, {3, 1}, {3, 4}}) {
            CAPTURE(from);
            CAPTURE(pages);
            const VirtAddr begin = somewhere + from * page_size;
            CHECK(space.map(begin, pages * page_size, Access::read).error() == Error::already_exists);
            FrameList frames;
            for (unsigned i = 0; i < pages; ++i) {
                const auto frame = core::memory::frames().allocate();
                REQUIRE(frame);
                frames.push(*frame);
            }
            CHECK(space.map(begin, frames, Access::read).error() == Error::already_exists);
            CHECK(frames.size() == pages);
        }
        CHECK(leaf_count() == 2);
        CHECK(space.translate(there.begin())->address == before);
        CHECK(access_at(there.begin()) == Access::read_write);
    }

    TEST_CASE("frames that are handed over are mapped in their order, with what they hold") {
        FrameList list;
        std::vector<Frame> expected;
        for (unsigned i = 0; i < 3; ++i) {
            const auto frame = core::memory::frames().allocate();
            REQUIRE(frame);
            *core::memory::to_virtual(frame->address()).as<std::uint64_t>() = i;
            expected.insert(expected.begin(), *frame);
            list.push(*frame);
        }
        REQUIRE(user_space().map(somewhere, list, Access::read));
        CHECK(list.size() == 0);
        for (unsigned i = 0; i < 3; ++i) {
            CHECK(user_space().translate(somewhere + i * page_size)->address == expected[i].address());
        }
        CHECK(user_space().unmap(somewhere, 3 * page_size));
    }

    TEST_CASE("a part can be unmapped and protected; a range with a hole is refused whole") {
        auto& space = user_space();
        REQUIRE(space.map(somewhere, 5 * page_size, Access::read_write));
        REQUIRE(space.unmap(somewhere + 2 * page_size, page_size));
        CHECK(leaf_count() == 4);
        CHECK(space.unmap(somewhere, 5 * page_size).error() == Error::not_found);
        CHECK(space.protect(somewhere, 5 * page_size, Access::read).error() == Error::not_found);
        CHECK(leaf_count() == 4);
        CHECK(access_at(somewhere) == Access::read_write);
        REQUIRE(space.protect(somewhere + page_size, page_size, Access::read_execute));
        CHECK(access_at(somewhere) == Access::read_write);
        CHECK(access_at(somewhere + page_size) == Access::read_execute);
        CHECK(access_at(somewhere + 3 * page_size) == Access::read_write);
        CHECK(space.unmap(somewhere, 2 * page_size));
        CHECK(space.unmap(somewhere + 3 * page_size, 2 * page_size));
        CHECK(leaf_count() == 0);
    }

    TEST_CASE("each allocation fails in turn: mapping across tables leaves nothing behind") {
        constexpr VirtAddr edge{0x80'0000'0000 - 2 * page_size}; // of tables of every level but the root
        const auto allocations = check_each_failing_allocation([&]() -> Result<void> {
            TRY(user_space().map(edge, 4 * page_size, Access::read_write));
            TRY(user_space().protect(edge, 4 * page_size, Access::read));
            return user_space().unmap(edge, 4 * page_size);
        });
        CHECK(allocations >= 4 + 5); // frames, and tables of three levels on one side and two on the other
        CHECK(leaf_count() == 0);
    }

    TEST_CASE("a program may do what its memory permits, and faults with the right address otherwise") {
        const Program program;
        const UserMemory memory{somewhere, page_size, Access::read_write};
        const VirtAddr last = somewhere + (page_size - 8);

        struct {
            Access access;
            bool write;
            bool execute;
        } const rights[] = {{Access::read, false, false},
                            {Access::read_write, true, false},
                            {Access::read_execute, false, true}};

        for (const auto& right : rights) {
            CAPTURE(static_cast<int>(right.access));
            memory.load(std::as_bytes(std::span{heddle_fragment_calls, heddle_fragment_end}));
            REQUIRE(user_space().protect(somewhere, page_size, right.access));
            CHECK(Program::run(heddle_fragment_read, last).why == Outcome::Why::system_call);
            const Outcome write = Program::run(heddle_fragment_write, last);
            CHECK(write.fault == (right.write ? Fault{} : Fault{Fault::Kind::write, last}));
            const Outcome execute = Program::run(heddle_fragment_jump, somewhere);
            CHECK(execute.fault == (right.execute ? Fault{} : Fault{Fault::Kind::execute, somewhere}));
        }
        const VirtAddr gone = memory.end();
        CHECK(Program::run(heddle_fragment_read, gone).fault == Fault{Fault::Kind::read, gone});
        CHECK(Program::run(heddle_fragment_read, VirtAddr{8}).fault == Fault{Fault::Kind::read, VirtAddr{8}});
    }

    TEST_CASE("a page that is unmapped or protected is so on all CPUs, in the midst of their programs") {
        if (!have_cpus(2)) {
            return;
        }
        const Program program;
        for (unsigned round = 0; round < 10; ++round) {
            REQUIRE(user_space().map(somewhere, page_size, Access::read_write));
            std::atomic<bool> begun{false};
            Outcome outcome;
            {
                const Background reader{[&] {
                    begun = true;
                    outcome = Program::run(heddle_fragment_read_often, somewhere);
                }};
                CHECK(eventually([&] { return begun.load(); }));
                const Nanoseconds start = core::time::now();
                while (core::time::now() < start + 1_ms) {
                    machine::pause(); // it reads by a translation that it has
                }
                CHECK(user_space().unmap(somewhere, page_size));
            } // and its program has ended by itself
            CHECK(outcome.fault == Fault{Fault::Kind::read, somewhere});
        }
    }
}

} // namespace
} // namespace heddle::test
