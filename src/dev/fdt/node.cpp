// SPDX-License-Identifier: BSD-2-Clause
// Reading a node's properties: cells, strings, address ranges, interrupts (Devicetree Specification 0.4,
// chapter 2).
#include "dev/fdt/tree.hpp"

namespace heddle::dev::fdt {
namespace {

/// `count` big-endian cells at cell `index`, as one number; nothing beyond the end or wider than 64 bits.
std::optional<std::uint64_t> number(Bytes bytes, std::size_t index, std::size_t count) {
    if (count > 2 || bytes.size() / 4 < index + count) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const std::byte b : bytes.subspan(index * 4, count * 4)) {
        value = value << 8 | static_cast<std::uint64_t>(b);
    }
    return value;
}

std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

std::optional<std::uint32_t> Node::cell(Key key, std::size_t index) const {
    const auto bytes = value(key);
    const auto found = bytes ? number(*bytes, index, 1) : std::nullopt;
    return found ? std::optional{static_cast<std::uint32_t>(*found)} : std::nullopt;
}

std::optional<std::string_view> Node::text(Key key) const {
    const auto bytes = value(key);
    if (!bytes) {
        return std::nullopt;
    }
    const std::string_view all = as_text(*bytes);
    return all.substr(0, all.find('\0'));
}

bool Node::is_compatible(std::string_view wanted) const {
    const auto bytes = value(Key::compatible);
    std::string_view rest = bytes ? as_text(*bytes) : std::string_view{};
    while (!rest.empty()) {
        const std::size_t length = rest.find('\0');
        if (rest.substr(0, length) == wanted) {
            return true;
        }
        rest.remove_prefix(length == std::string_view::npos ? rest.size() : length + 1);
    }
    return false;
}

std::optional<Range> Node::range(std::size_t index) const {
    const auto bytes = value(Key::reg);
    const std::size_t stride = std::size_t{parent_cells.address} + parent_cells.size;
    if (!bytes || !translated || parent_cells.size == 0) {
        return std::nullopt;
    }
    const auto base = number(*bytes, index * stride, parent_cells.address);
    const auto size = number(*bytes, index * stride + parent_cells.address, parent_cells.size);
    if (!base || !size || *size > UINT64_MAX - *base) {
        return std::nullopt;
    }
    return Range{*base, *size};
}

std::optional<std::uint64_t> Node::unit() const {
    const auto bytes = value(Key::reg);
    return bytes ? number(*bytes, 0, parent_cells.address) : std::nullopt;
}

std::optional<std::uint32_t> Node::interrupt(std::size_t index) const {
    // GIC binding: type (0 shared, 1 private), number, flags.
    constexpr std::uint32_t first_private = 16;
    constexpr std::uint32_t private_count = 16;
    constexpr std::uint32_t first_shared = 32;
    constexpr std::uint32_t shared_count = 988;
    const auto type = cell(Key::interrupts, index * 3);
    const auto line = cell(Key::interrupts, index * 3 + 1);
    if (!type || !line || !cell(Key::interrupts, index * 3 + 2)) {
        return std::nullopt;
    }
    if (*type == 1 && *line < private_count) {
        return first_private + *line;
    }
    if (*type == 0 && *line < shared_count) {
        return first_shared + *line;
    }
    return std::nullopt;
}

} // namespace heddle::dev::fdt
