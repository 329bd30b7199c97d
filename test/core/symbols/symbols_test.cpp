// SPDX-License-Identifier: BSD-2-Clause
// Symbols on the target: this image's table, and garbled ones.
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "core/symbols/symbols.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

namespace heddle::test {

/// Looked up by name below: external and never inlined, so that the linker keeps it.
[[gnu::noinline, gnu::used]] std::uint64_t a_function_to_be_found(std::uint64_t value);

std::uint64_t a_function_to_be_found(std::uint64_t value) {
    return value * 3 + 1;
}

/// The address that this call returns to.
[[gnu::noinline, gnu::used]] VirtAddr where_it_was_called();

VirtAddr where_it_was_called() {
    return VirtAddr::of(__builtin_return_address(0));
}

[[gnu::noinline, gnu::used]] VirtAddr a_caller();

VirtAddr a_caller() {
    const VirtAddr address = where_it_was_called();
    asm volatile("" ::: "memory"); // no tail call
    return address;
}

namespace {

using core::memory::image_text;
using core::symbols::image_table;
using core::symbols::Table;

struct Text {
    char buffer[300];
    BufferWriter writer{buffer};

    std::string_view view() const { return writer.text(); }
};

std::string_view address_text(Text& text, VirtAddr address) {
    core::symbols::write_address(text.writer, address);
    return text.view();
}

VirtAddr found_function() {
    return VirtAddr{reinterpret_cast<std::uintptr_t>(&a_function_to_be_found)};
}

TEST_CASE("symbols: a known function is found at its first byte and further in") {
    Text first, further;
    CHECK(address_text(first, found_function()) == "test::a_function_to_be_found+0x0");
    CHECK(address_text(further, found_function() + 3) == "test::a_function_to_be_found+0x3");
}

TEST_CASE("symbols: the byte before a function belongs to another one") {
    const auto symbol = image_table().find(found_function() - 1);
    Text name;
    if (symbol) {
        image_table().write_name(name.writer, *symbol);
    }
    CHECK(name.view() != "test::a_function_to_be_found");
}

TEST_CASE("symbols: a return address names the caller") {
    Text text;
    core::symbols::write_return_address(text.writer, a_caller());
    CHECK(text.view().starts_with("test::a_caller+0x"));
    CHECK_FALSE(text.view().ends_with("+0x0"));
}

TEST_CASE("symbols: nothing is found outside of the image's code, where the bare address is written") {
    const core::memory::ImagePart text = image_text();
    for (const VirtAddr address : {VirtAddr{0}, text.begin - 1, text.end, core::memory::image_data().begin,
                                   core::memory::image_data().end, VirtAddr{UINT64_MAX}}) {
        CAPTURE(address);
        CHECK_FALSE(image_table().find(address).has_value());
    }
    Text bare;
    CHECK(address_text(bare, VirtAddr{0x1234}) == "0x1234");
}

TEST_CASE("symbols: every symbol of the image has a printable name, and addresses ascend") {
    const Table table = image_table();
    CHECK(table.size() > 500);
    bool printable = true;
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        Text name;
        table.write_name(name.writer, {i, 0});
        printable = printable && !name.view().empty() &&
                    std::ranges::all_of(name.view(), [](char c) { return c > ' ' && c <= '~'; });
    }
    CHECK(printable);
}

TEST_CASE("symbols: a backtrace from here names this file's functions and reaches boot") {
    std::uint64_t addresses[64];
    const std::size_t count = machine::backtrace(machine::frame_pointer(), addresses);
    bool boot_found = false;
    for (std::size_t i = 0; i < count; ++i) {
        Text text;
        core::symbols::write_return_address(text.writer, VirtAddr{addresses[i]});
        boot_found = boot_found || text.view().starts_with("core::boot::boot+");
    }
    CHECK(count > 3);
    CHECK(boot_found);
}

} // namespace
} // namespace heddle::test
