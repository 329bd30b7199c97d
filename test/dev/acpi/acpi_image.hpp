// SPDX-License-Identifier: BSD-2-Clause
// Makes the ACPI tables of an imagined machine, right or wrong in one place: the root pointer at 0xe0000,
// tables behind it.
#pragma once

#include "dev/acpi/formats.hpp"
#include "lib/units.hpp"
#include "test/core/boot/buffer_reader.hpp"
#include "test/core/boot/byte_builder.hpp"

#include <array>
#include <string_view>

namespace heddle::test {

class AcpiImage {
  public:
    static constexpr PhysAddr base{0xe0000};
    static constexpr std::size_t length_field = 4;
    static constexpr std::size_t checksum_field = 9;
    static constexpr std::size_t header_size = 36;

    explicit AcpiImage(ByteBuilder& bytes)
        : bytes_{bytes} {
        bytes_.zeros(sizeof(dev::acpi::RootPointer));
        bytes_.align(8);
    }

    /// Begins a table; its body follows with the ByteBuilder. Returns where it is.
    std::size_t begin(std::string_view signature) {
        bytes_.align(8);
        table_ = bytes_.text(signature);
        bytes_.zeros(header_size - signature.size());
        return table_;
    }

    /// Ends the table that was begun, and lists it in the root table.
    void end() {
        end_unlisted();
        listed_[count_++] = base.value + table_;
    }

    void end_unlisted() {
        bytes_.set(table_ + length_field, static_cast<std::uint32_t>(bytes_.size() - table_));
        sign_table(table_);
    }

    /// Lists an address where no table of ours is.
    void list(std::uint64_t address) { listed_[count_++] = address; }

    /// Writes the root table, of 64-bit addresses or 32-bit ones, and the root pointer. Returns where the
    /// root table is.
    std::size_t finish(bool extended = true) {
        begin(extended ? "XSDT" : "RSDT");
        for (std::size_t i = 0; i < count_; ++i) {
            if (extended) {
                bytes_.put(listed_[i]);
            } else {
                bytes_.put(static_cast<std::uint32_t>(listed_[i]));
            }
        }
        end_unlisted();
        root_pointer(extended ? base.value + table_ : 0,
                     extended ? 0 : static_cast<std::uint32_t>(base.value + table_));
        return table_;
    }

    void root_pointer(std::uint64_t xsdt, std::uint32_t rsdt) {
        std::memcpy(&bytes_[0], "RSD PTR ", 8);
        bytes_.set<std::uint8_t>(15, xsdt != 0 ? 2 : 0);
        bytes_.set(16, rsdt);
        bytes_.set<std::uint32_t>(20, sizeof(dev::acpi::RootPointer));
        bytes_.set(24, xsdt);
        sign(0, 20, 8);
        sign(0, sizeof(dev::acpi::RootPointer), 32);
    }

    /// Sets a table's checksum right, after a change.
    void sign_table(std::size_t table) {
        std::uint32_t length = 0;
        std::memcpy(&length, &bytes_[table + length_field], sizeof(length));
        sign(table, length, table + checksum_field);
    }

    ByteBuilder& bytes() { return bytes_; }

    BufferReader memory() const { return {base, bytes_.bytes()}; }

  private:
    void sign(std::size_t at, std::size_t length, std::size_t checksum_at) {
        bytes_[checksum_at] = std::byte{0};
        unsigned sum = 0;
        for (std::size_t i = 0; i < length; ++i) {
            sum += static_cast<unsigned>(bytes_[at + i]);
        }
        bytes_[checksum_at] = static_cast<std::byte>(0 - sum);
    }

    ByteBuilder& bytes_;
    std::array<std::uint64_t, 16> listed_{};
    std::size_t count_ = 0;
    std::size_t table_ = 0;
};

} // namespace heddle::test
