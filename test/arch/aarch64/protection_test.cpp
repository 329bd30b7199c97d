// SPDX-License-Identifier: BSD-2-Clause
// What the MMU says of the kernel's memory: asked by its own address translation instructions, and by trying.
#include "core/machine/probe.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "cpu/registers.hpp"
#include "image_address.hpp"
#include "machine/cpu.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::memory::ImagePart;

constinit std::uint64_t writable_word = 0;
READ_ONLY_AFTER_INIT constinit std::uint64_t sealed_word = 1;

bool succeeded(std::uint64_t translation) {
    return (translation & 1) == 0; // PAR_EL1.F
}

/// One of the AT instructions on `address`, alone on this CPU.
#define TRANSLATES(instruction, address)                                                                     \
    (__extension__({                                                                                         \
        const auto heddle_interrupts = machine::save_and_disable_interrupts();                               \
        asm volatile("at " instruction ", %0\n\tisb" ::"r"((address).value) : "memory");                     \
        const bool heddle_succeeded = succeeded(READ_SYSTEM_REGISTER(par_el1));                              \
        machine::restore_interrupts(heddle_interrupts);                                                      \
        heddle_succeeded;                                                                                    \
    }))

/// Counts pages of `part` that the kernel may read and write, and that programs may touch at all.
struct Census {
    unsigned pages = 0;
    unsigned readable = 0;
    unsigned writable = 0;
    unsigned open_to_user = 0;

    explicit Census(ImagePart part) {
        for (VirtAddr at = part.begin; at < part.end; at = at + page_size) {
            ++pages;
            readable += TRANSLATES("s1e1r", at) ? 1 : 0;
            writable += TRANSLATES("s1e1w", at) ? 1 : 0;
            open_to_user += TRANSLATES("s1e0r", at) || TRANSLATES("s1e0w", at) ? 1 : 0;
        }
    }
};

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-09 text is readable and not writable, constants too, and what boot wrote is sealed") {
    for (const ImagePart part :
         {core::memory::image_text(), core::memory::image_rodata(), core::memory::image_relro()}) {
        const Census census{part};
        CHECK(census.pages > 0);
        CHECK(census.readable == census.pages);
        CHECK(census.writable == 0);
        CHECK(census.open_to_user == 0);
    }
    CHECK_FALSE(machine::probe_write(VirtAddr::of(&sealed_word), 2).has_value());
    CHECK(sealed_word == 1);
    CHECK_FALSE(machine::probe_write(core::memory::image_text().begin, 0).has_value());
}

TEST_CASE("ENT-09 data is writable but for the stacks' guards, and closed to programs") {
    const Census census{core::memory::image_data()};
    CHECK(census.readable == census.writable);
    CHECK(census.pages - census.writable == 6);
    CHECK(census.open_to_user == 0);
}

TEST_CASE("ENT-09 the direct map is closed to programs and does not make the image's text writable") {
    const PhysAddr text = aarch64::image_physical(heddle_image_start);
    CHECK_FALSE(TRANSLATES("s1e1w", core::memory::to_virtual(text)));
    const PhysAddr data = aarch64::image_physical(&writable_word);
    CHECK_FALSE(TRANSLATES("s1e0r", core::memory::to_virtual(data)));
}

TEST_CASE("ENT-09 only text is executed") {
    static constinit std::uint64_t in_data = 0;
    in_data = machine::return_instruction;
    CHECK_FALSE(machine::probe_execute(VirtAddr::of(&in_data)).has_value());
    CHECK_FALSE(machine::probe_execute(VirtAddr::of(&machine::return_instruction)).has_value());
    std::uint64_t on_stack = machine::return_instruction;
    asm volatile("" : "+m"(on_stack));
    CHECK_FALSE(machine::probe_execute(VirtAddr::of(&on_stack)).has_value());
    CHECK_FALSE(
        machine::probe_execute(core::memory::to_virtual(aarch64::image_physical(&in_data))).has_value());

    VirtAddr function{};
    asm volatile("adr %0, 1f\n\tb 2f\n1:\tret\n2:" : "=r"(function.value));
    CHECK(machine::probe_execute(function).has_value());
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
