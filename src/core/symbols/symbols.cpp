// SPDX-License-Identifier: BSD-2-Clause
// The symbol table of this image, and addresses as text.
#include "core/symbols/symbols.hpp"

#include "core/memory/image.hpp"

extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint8_t heddle_symbol_table[];
[[gnu::visibility("hidden")]] extern const std::uint8_t heddle_symbol_table_end[];
}

namespace heddle::core::symbols {

Table image_table() {
    const auto size = static_cast<std::size_t>(heddle_symbol_table_end - heddle_symbol_table);
    return Table{{heddle_symbol_table, size}, memory::image_text().begin};
}

namespace {

void write_near(Writer& writer, VirtAddr address, std::uint64_t back) {
    const Table table = image_table();
    if (const auto symbol = table.find(address - back)) {
        table.write_name(writer, *symbol);
        format_to(writer, "+{:#x}", symbol->offset + back);
    } else {
        format_to(writer, "{}", address);
    }
}

} // namespace

void write_address(Writer& writer, VirtAddr address) {
    write_near(writer, address, 0);
}

void write_return_address(Writer& writer, VirtAddr address) {
    write_near(writer, address, 1);
}

} // namespace heddle::core::symbols
