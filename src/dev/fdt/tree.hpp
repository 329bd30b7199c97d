// SPDX-License-Identifier: BSD-2-Clause
// A flattened device tree as the kernel reads it: one checked walk over libfdt, each node with the properties
// that matter.
#pragma once

#include "lib/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace heddle::dev::fdt {

/// The properties that somebody here asks for; all others are checked for their form and passed over.
enum class Key : std::uint8_t {
    address_cells,
    size_cells,
    ranges,
    compatible,
    device_type,
    status,
    reg,
    interrupts,
    phandle,
    method,
    gpios,
    key_code,
    redistributor_regions,
    bus_range,
    command_line,
    initrd_start,
    initrd_end,
    standard_output,
    count,
};

/// What is wrong with a tree, for the message.
struct TreeProblem {
    std::string_view what;
    std::uint32_t offset = 0; ///< bytes into the structure block
};

/// An address range of a `reg` property.
struct Range {
    std::uint64_t base;
    std::uint64_t size;
};

using Bytes = std::span<const std::byte>;

/// How wide a bus's addresses and sizes are, in 32-bit cells.
struct Cells {
    std::uint32_t address = 2;
    std::uint32_t size = 1;
};

/// One node during a walk; valid until its visit ends.
struct Node {
    std::string_view name;
    int offset = 0;         ///< libfdt's
    int depth = 0;          ///< 0: the root
    bool enabled = true;    ///< by its `status`
    bool translated = true; ///< its addresses are the CPU's: every bus above maps one to one
    Cells parent_cells;
    std::array<std::optional<Bytes>, static_cast<std::size_t>(Key::count)> values;

    std::optional<Bytes> value(Key key) const { return values[static_cast<std::size_t>(key)]; }

    /// Big-endian cell `index` of a property; nothing when absent or shorter.
    std::optional<std::uint32_t> cell(Key key, std::size_t index = 0) const;

    /// A text property without its NUL; nothing when absent.
    std::optional<std::string_view> text(Key key) const;

    /// Whether one of the strings in `compatible` is `name`.
    bool is_compatible(std::string_view name) const;

    /// Entry `index` of `reg`, in the CPU's addresses. Nothing when absent, shorter, wider than 64 bits,
    /// wrapping round the address space, or behind a bus that translates.
    std::optional<Range> range(std::size_t index) const;

    /// As range(), for buses without sizes: a CPU's `reg`.
    std::optional<std::uint64_t> unit() const;

    /// Interrupt `index` as the GIC numbers it (INTID), from three-cell specifiers.
    std::optional<std::uint32_t> interrupt(std::size_t index) const;
};

/// A tree whose header was checked. Does not own the bytes.
class Tree {
  public:
    /// Error::malformed when `bytes` do not start with a header of a version 17 tree that fits into them,
    /// 8-aligned.
    static Result<Tree> open(Bytes bytes, TreeProblem& problem);

    std::uint32_t size() const { return size_; }

    /// Visits every node, parents first, and checks the whole structure on the way: a walk that returns no
    /// error has seen every tag, name and property within bounds, and libfdt's own searches then end.
    /// Error::malformed.
    template <class Visitor>
    Result<void> for_each_node(TreeProblem& problem, Visitor visit) const {
        auto call = [](void* visitor, const Node& node) { (*static_cast<Visitor*>(visitor))(node); };
        return walk(problem, call, &visit);
    }

    /// Reservation `index` of the memory reservation block; nothing past the last.
    std::optional<Range> reservation(std::size_t index) const;

    /// The node that a `stdout-path` means: a path or an alias, then maybe ':' and options. Only after a
    /// whole walk.
    std::optional<int> node_at(std::string_view path) const;

  private:
    explicit Tree(const void* data, std::uint32_t size)
        : data_{data}
        , size_{size} {}

    Result<void> walk(TreeProblem& problem, void (*visit)(void*, const Node&), void* visitor) const;

    const void* data_;
    std::uint32_t size_;
};

} // namespace heddle::dev::fdt
