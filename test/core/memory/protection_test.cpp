// SPDX-License-Identifier: BSD-2-Clause
// The booted kernel's own page tables, read back leaf by leaf, and tried: W^X, NX, read-only after init,
// nothing else mapped.
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/image.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"

#include <cstring>

namespace heddle::test {
namespace {

using namespace core::memory;

/// Boot writes here and nobody afterwards.
READ_ONLY_AFTER_INIT constinit std::uint64_t sealed_word = 5;
constexpr std::uint64_t constant_word = 6;
constinit std::uint64_t data_word = 7;

/// The value as memory has it, not as the compiler knows it.
std::uint64_t load(const std::uint64_t& word) {
    return *const_cast<const volatile std::uint64_t*>(&word);
}

/// Where the direct map shows the image's byte at `address`.
VirtAddr alias_of(VirtAddr address) {
    return to_virtual(kernel_map().translate(address)->address);
}

bool inside(const Leaf& leaf, VirtAddr begin, std::uint64_t size) {
    return leaf.begin >= begin && leaf.begin - begin < size && leaf.size <= size - (leaf.begin - begin);
}

/// How many leaves `predicate` holds for, and where the first of them is.
struct Found {
    std::size_t count = 0;
    VirtAddr first;
};

template <class Predicate>
Found leaves_that(Predicate predicate) {
    Found found;
    kernel_map().for_each_leaf([&](const Leaf& leaf) {
        if (predicate(leaf) && found.count++ == 0) {
            found.first = leaf.begin;
        }
    });
    return found;
}

#define CHECK_NO_LEAF(...)                                                                                   \
    do {                                                                                                     \
        const Found found = leaves_that(__VA_ARGS__);                                                        \
        CAPTURE(found.first);                                                                                \
        CHECK(found.count == 0);                                                                             \
    } while (false)

TEST_SUITE("core/memory: protection") {
    TEST_CASE("the tables that are read back here are the ones in use") {
        CHECK(machine::PageTable::active_root() == kernel_map().root());
        CHECK(leaves_that([](const Leaf&) { return true; }).count > 4);
    }

    TEST_CASE("no leaf is writable and executable (ENT-09)") {
        CHECK_NO_LEAF([](const Leaf& leaf) { return leaf.writable_and_executable; });
    }

    TEST_CASE("negative control: a writable and executable leaf, forged by hand, is noticed (ENT-09)") {
        using machine::PageTable;
        const auto tables = FrameBlock::allocate(2);
        REQUIRE(tables);
        KernelMap map;
        const PhysAddr memory = tables->frame().address();
        REQUIRE(map.create({memory, memory + tables->size()}));
        REQUIRE(map.map(arena_base, PhysAddr{0x1000}, page_size, {.access = Access::read_write}));
        PhysAddr table = map.root();
        for (unsigned level = PageTable::levels - 1; level > 0; --level) {
            const auto* const entries = to_virtual(table).as<PageTable::Entry>();
            table = PageTable::address(entries[(arena_base.value >> (page_shift + 9 * level)) % 512]);
        }
        // What only a leaf that is not executable has.
        const auto readable = PageTable::leaf_entry(PhysAddr{0x1000}, {.access = Access::read}, 0);
        const auto executable = PageTable::leaf_entry(PhysAddr{0x1000}, {.access = Access::read_execute}, 0);
        std::size_t noticed = 0;
        const auto count = [&](const Leaf& leaf) { noticed += leaf.writable_and_executable ? 1 : 0; };
        map.for_each_leaf(count);
        CHECK(noticed == 0);
        *to_virtual(table).as<PageTable::Entry>() &= ~(readable & ~executable);
        map.for_each_leaf(count);
        CHECK(noticed == 1);
    }

    TEST_CASE("exactly the image's text is executable") {
        const ImagePart text = image_text();
        std::uint64_t executable = 0;
        kernel_map().for_each_leaf([&](const Leaf& leaf) {
            executable += leaf.translation.permissions.access == Access::read_execute ? leaf.size : 0;
        });
        CHECK(executable == text.end - text.begin);
        CHECK_NO_LEAF([&](const Leaf& leaf) {
            return leaf.translation.permissions.access == Access::read_execute &&
                   !inside(leaf, text.begin, text.end - text.begin);
        });
    }

    TEST_CASE("no memory of text, constants or sealed data is writable under any address") {
        const VirtAddr begin = image_text().begin;
        const VirtAddr end = image_relro().end;
        const PhysAddr first = kernel_map().translate(begin)->address;
        const PhysAddr last = first + (end - begin);
        CHECK(kernel_map().translate(end - 1)->address + 1 == last); // the image lies in one piece
        CHECK_NO_LEAF([&](const Leaf& leaf) {
            return leaf.translation.permissions.access == Access::read_write &&
                   leaf.translation.address < last && first < leaf.translation.address + leaf.size;
        });
    }

    TEST_CASE("every leaf is the image's, the arena's, or the direct map's at its own address, and the "
              "kernel's alone") {
        const VirtAddr image = image_text().begin;
        const std::uint64_t image_size = image_data().end - image;
        CHECK_NO_LEAF([&](const Leaf& leaf) {
            const bool direct = inside(leaf, direct_map_base, direct_map_size) &&
                                to_virtual(leaf.translation.address) == leaf.begin;
            return !direct && !inside(leaf, image, image_size) && !inside(leaf, arena_base, arena_size);
        });
        CHECK_NO_LEAF(
            [](const Leaf& leaf) { return leaf.translation.permissions.privilege == Privilege::user; });
        // The console that boot begins with is where the early tables have it.
        const PhysAddr console{align_down<std::uint64_t>(env().boot_info().console.base, page_size)};
        CHECK_NO_LEAF([&](const Leaf& leaf) {
            return leaf.translation.permissions.caching == Caching::device &&
                   !inside(leaf, arena_base, arena_size) && !inside(leaf, to_virtual(console), page_size);
        });
    }

    TEST_CASE("large leaves carry the direct map") {
        std::uint64_t small = 0;
        std::uint64_t all = 0;
        kernel_map().for_each_leaf([&](const Leaf& leaf) {
            if (inside(leaf, direct_map_base, direct_map_size)) {
                all += leaf.size;
                small += leaf.translation.level == 0 ? leaf.size : 0;
            }
        });
        CHECK(all >= frames().total() * page_size);
        CHECK(small * 4 < all);
    }

    TEST_CASE(
        "constants and sealed data cannot be written, neither in the image nor through the direct map") {
        for (const std::uint64_t* word : {&constant_word, static_cast<const std::uint64_t*>(&sealed_word)}) {
            const VirtAddr address = VirtAddr::of(word);
            const std::uint64_t value = load(*word);
            CHECK(machine::probe_write(address, value + 1).error() == Error::bad_address);
            CHECK(machine::probe_write(alias_of(address), value + 1).error() == Error::bad_address);
            CHECK(machine::probe_read(alias_of(address)) == value);
            CHECK(load(*word) == value);
        }
    }

    TEST_CASE("text cannot be written, neither in the image nor through the direct map") {
        const VirtAddr text = image_text().begin;
        const auto value = machine::probe_read(text);
        REQUIRE(value);
        CHECK(machine::probe_write(text, *value + 1).error() == Error::bad_address);
        CHECK(machine::probe_write(alias_of(text), *value + 1).error() == Error::bad_address);
        CHECK(machine::probe_read(text) == value);
    }

    TEST_CASE("data can be written (the probes can tell)") {
        CHECK(machine::probe_write(VirtAddr::of(&data_word), 70).has_value());
        CHECK(load(data_word) == 70);
        CHECK(machine::probe_write(alias_of(VirtAddr::of(&data_word)), 71).has_value());
        CHECK(load(data_word) == 71);
    }

    TEST_CASE("data, constants and frames cannot be executed, text can") {
        const auto frame = frames().allocate();
        REQUIRE(frame);
        const VirtAddr memory = to_virtual(frame->address());
        std::memcpy(memory.as(), &machine::return_instruction, sizeof machine::return_instruction);
        CHECK(machine::probe_execute(memory).error() == Error::bad_address);
        frames().free(*frame);
        CHECK(machine::probe_execute(VirtAddr::of(&data_word)).error() == Error::bad_address);
        CHECK(machine::probe_execute(VirtAddr::of(&constant_word)).error() == Error::bad_address);
    }

    TEST_CASE("nothing is mapped at null, in the lower half, beyond the image, or in a mapping's guard") {
        CHECK(machine::probe_read(VirtAddr{0}).error() == Error::bad_address);
        CHECK(machine::probe_read(VirtAddr{0x10'0000}).error() == Error::bad_address);
        CHECK(machine::probe_read(VirtAddr{0x4020'0000}).error() == Error::bad_address);
        CHECK(machine::probe_read(image_data().end).error() == Error::bad_address);
        CHECK(machine::probe_read(image_text().begin - 8).error() == Error::bad_address);
        const auto frame = frames().allocate();
        REQUIRE(frame);
        {
            const auto mapping = map_physical(frame->address(), page_size, {.access = Access::read});
            REQUIRE(mapping);
            CHECK(machine::probe_read(mapping->address()).has_value());
            CHECK(machine::probe_read(mapping->address() + page_size).error() == Error::bad_address);
            CHECK(machine::probe_write(mapping->address(), 1).error() == Error::bad_address);
        }
        frames().free(*frame);
    }

    TEST_CASE("an unmapped address is forgotten at once, a protected one obeys at once") {
        const auto frame = frames().allocate();
        REQUIRE(frame);
        VirtAddr where;
        {
            const auto mapping = map_physical(frame->address(), page_size, {.access = Access::read_write});
            REQUIRE(mapping);
            where = mapping->address();
            CHECK(machine::probe_write(where, 1).has_value());
            REQUIRE(kernel_map().protect(where, page_size, {.access = Access::read}));
            CHECK(machine::probe_write(where, 2).error() == Error::bad_address);
            CHECK(machine::probe_read(where) == 1U);
        }
        CHECK(machine::probe_read(where).error() == Error::bad_address);
        frames().free(*frame);
    }

    TEST_CASE("each of the boot CPU's stacks has a guard below it") {
        CHECK(machine::stack_guards().size() > 0);
        for (const void* const guard : machine::stack_guards()) {
            CHECK(kernel_map().translate(VirtAddr::of(guard)).error() == Error::not_found);
            CHECK(machine::probe_read(VirtAddr::of(guard)).error() == Error::bad_address);
            CHECK(
                kernel_map().translate(VirtAddr::of(guard) + page_size).has_value()); // the stack's last page
        }
    }
}

} // namespace
} // namespace heddle::test
