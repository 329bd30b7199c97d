// SPDX-License-Identifier: BSD-2-Clause
// A table of functions' names and places, as tools/symbols.py makes it: look-up without allocation, safe with
// any bytes.
#pragma once

#include "lib/format.hpp"
#include "lib/units.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace heddle::core::symbols {

/// A function's place. The name is kept compressed: write_name() unfolds it.
struct Symbol {
    std::uint32_t index = 0;  ///< in the table
    std::uint32_t offset = 0; ///< bytes from the function's first instruction to the address
};

/// A checked view of a symbol table's bytes (format: tools/symbols.py). Owns nothing; a malformed table is an
/// empty one, and no content of it makes a read outside of the bytes or an endless loop. Any context, no
/// allocation.
class Table {
  public:
    constexpr Table() = default;

    /// `image` is the address that the table's offsets count from.
    Table(std::span<const std::uint8_t> bytes, VirtAddr image);

    /// The function that `address` lies in; nothing outside of the functions that the table knows.
    std::optional<Symbol> find(VirtAddr address) const;

    /// Writes the name of `symbol`, at most 255 bytes.
    void write_name(Writer& writer, Symbol symbol) const;

    std::size_t size() const { return count_; }

  private:
    std::uint32_t offset_at(std::uint32_t index) const;

    std::span<const std::uint8_t> bytes_;
    VirtAddr image_;
    std::uint32_t count_ = 0;
    std::span<const std::uint8_t> names_;
    std::span<const std::uint8_t> tokens_;
};

} // namespace heddle::core::symbols
