// SPDX-License-Identifier: BSD-2-Clause
// Makes small flattened device trees for tests (Devicetree Specification 0.4, chapter 5), without libfdt's
// writing half.
#pragma once

#include "test/core/boot/byte_builder.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace heddle::test {

class TreeBuilder {
  public:
    static constexpr std::size_t header_size = 40;
    static constexpr std::size_t magic_field = 0;
    static constexpr std::size_t size_field = 4;
    static constexpr std::size_t structure_field = 8;
    static constexpr std::size_t version_field = 20;
    static constexpr std::size_t compatible_version_field = 24;

    explicit TreeBuilder(ByteBuilder& bytes)
        : bytes_{bytes} {
        bytes_.zeros(header_size);
    }

    /// Entries of the memory reservation block; before any node.
    void reserve(std::uint64_t base, std::uint64_t size) {
        wide(base);
        wide(size);
    }

    /// Begins a node; the first one, with an empty name, is the root. Returns where its tag is.
    std::size_t begin(std::string_view name) {
        if (structure_ == 0) {
            bytes_.zeros(16);
            structure_ = bytes_.size();
        }
        const std::size_t at = cell(1);
        string(name);
        return at;
    }

    void end() { cell(2); }

    /// Returns where the property's tag is.
    std::size_t property(std::string_view name, std::initializer_list<std::uint32_t> cells) {
        const std::size_t at = property_header(name, cells.size() * 4);
        for (const std::uint32_t value : cells) {
            cell(value);
        }
        return at;
    }

    /// One text with its NUL, or several as `compatible` has them.
    std::size_t property(std::string_view name, std::string_view text, std::string_view second = {}) {
        const std::size_t size = text.size() + 1 + (second.empty() ? 0 : second.size() + 1);
        const std::size_t at = property_header(name, size);
        bytes_.text(text);
        bytes_.zeros(1);
        if (!second.empty()) {
            bytes_.text(second);
            bytes_.zeros(1);
        }
        bytes_.align(4);
        return at;
    }

    /// Ends the root and the tree, and writes the header.
    void finish() {
        end();
        cell(9);
        finish_header();
    }

    void finish_header() {
        const std::size_t strings = bytes_.size();
        bytes_.text({names_.data(), names_size_});
        header(magic_field, 0xd00dfeed);
        header(size_field, bytes_.size());
        header(structure_field, structure_);
        header(12, strings);
        header(16, header_size);
        header(version_field, 17);
        header(compatible_version_field, 16);
        header(32, names_size_);
        header(36, strings - structure_);
    }

    void header(std::size_t field, std::size_t value) {
        bytes_.set(field, std::byteswap(static_cast<std::uint32_t>(value)));
    }

    std::size_t structure() const { return structure_; }

    std::size_t cell(std::uint32_t value) { return bytes_.put(std::byteswap(value)); }

  private:
    void wide(std::uint64_t value) { bytes_.put(std::byteswap(value)); }

    void string(std::string_view text) {
        bytes_.text(text);
        bytes_.zeros(1);
        bytes_.align(4);
    }

    std::size_t property_header(std::string_view name, std::size_t size) {
        const std::size_t at = cell(3);
        cell(static_cast<std::uint32_t>(size));
        cell(static_cast<std::uint32_t>(names_size_));
        std::memcpy(names_.data() + names_size_, name.data(), name.size());
        names_size_ += name.size() + 1;
        return at;
    }

    ByteBuilder& bytes_;
    std::size_t structure_ = 0;
    std::array<char, 1024> names_{};
    std::size_t names_size_ = 0;
};

} // namespace heddle::test
