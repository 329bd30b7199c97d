// SPDX-License-Identifier: BSD-2-Clause
// Look-up in the symbol table: binary search over offsets, then a short walk to the name.
#include "core/symbols/table.hpp"

#include <cstring>

namespace heddle::core::symbols {
namespace {

constexpr std::uint32_t magic = 0x4d59'5348; // "HSYM", little-endian
/// Names are found from every 32nd on.
constexpr std::uint32_t names_per_mark = 32;
constexpr std::size_t longest_name = 255;

/// The table's first bytes; all offsets are from the table's start. Then count + 1 offsets of functions, the
/// last one the end of the last function; marks; names; 257 16-bit offsets of the tokens' texts, which follow
/// them.
struct Header {
    std::uint32_t magic;
    std::uint32_t count;
    std::uint32_t marks;
    std::uint32_t names;
    std::uint32_t tokens;
    std::uint32_t size;
};

static_assert(sizeof(Header) == 24);

template <class T>
T load(std::span<const std::uint8_t> bytes, std::size_t at) {
    T value{};
    if (at <= bytes.size() && bytes.size() - at >= sizeof(T)) {
        std::memcpy(&value, bytes.data() + at, sizeof(T));
    }
    return value;
}

bool well_formed(const Header& header, std::size_t size) {
    const std::uint64_t marks = sizeof(Header) + (std::uint64_t{header.count} + 1) * sizeof(std::uint32_t);
    const std::uint64_t mark_count = (std::uint64_t{header.count} + names_per_mark - 1) / names_per_mark;
    return header.magic == magic && header.size == size && header.marks == marks &&
           header.names == marks + mark_count * sizeof(std::uint32_t) && header.names <= header.tokens &&
           header.tokens <= size;
}

/// The text that one byte of a name stands for.
std::string_view token_text(std::span<const std::uint8_t> tokens, std::uint8_t code) {
    constexpr std::size_t texts = 257 * sizeof(std::uint16_t);
    const std::size_t begin = texts + load<std::uint16_t>(tokens, code * sizeof(std::uint16_t));
    const std::size_t end = texts + load<std::uint16_t>(tokens, (code + 1U) * sizeof(std::uint16_t));
    if (begin > end || end > tokens.size()) {
        return {};
    }
    return {reinterpret_cast<const char*>(tokens.data()) + begin, end - begin};
}

} // namespace

Table::Table(std::span<const std::uint8_t> bytes, VirtAddr image)
    : image_{image} {
    const auto header = load<Header>(bytes, 0);
    if (well_formed(header, bytes.size())) {
        bytes_ = bytes;
        count_ = header.count;
        names_ = bytes.subspan(header.names, header.tokens - header.names);
        tokens_ = bytes.subspan(header.tokens);
    }
}

std::uint32_t Table::offset_at(std::uint32_t index) const {
    return load<std::uint32_t>(bytes_, sizeof(Header) + std::size_t{index} * sizeof(std::uint32_t));
}

std::optional<Symbol> Table::find(VirtAddr address) const {
    if (count_ == 0 || address < image_ || address - image_ < offset_at(0) ||
        address - image_ >= offset_at(count_)) {
        return std::nullopt;
    }
    const auto target = static_cast<std::uint32_t>(address - image_);
    std::uint32_t low = 0; // offset_at(low) <= target
    std::uint32_t high = count_;
    while (high - low > 1) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (offset_at(middle) <= target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return Symbol{low, target - offset_at(low)};
}

void Table::write_name(Writer& writer, Symbol symbol) const {
    if (symbol.index >= count_) {
        return;
    }
    const auto header = load<Header>(bytes_, 0);
    const std::uint32_t mark = symbol.index / names_per_mark;
    std::size_t at = load<std::uint32_t>(bytes_, header.marks + std::size_t{mark} * sizeof(std::uint32_t));
    for (std::uint32_t i = mark * names_per_mark; i < symbol.index; ++i) {
        at += 1U + load<std::uint8_t>(names_, at);
    }
    const std::size_t length = load<std::uint8_t>(names_, at);
    std::size_t written = 0;
    for (std::size_t i = at + 1; i <= at + length && i < names_.size(); ++i) {
        const std::string_view text = token_text(tokens_, names_[i]).substr(0, longest_name - written);
        writer.write(text);
        written += text.size();
    }
}

} // namespace heddle::core::symbols
