// SPDX-License-Identifier: BSD-2-Clause
// Root pointer, root tables, table headers: everything that is alike for all tables.
#include "dev/acpi/tables.hpp"

#include "core/log/log.hpp"
#include "lib/bytes.hpp"

#include <algorithm>
#include <array>

namespace heddle::dev::acpi {
namespace {

using core::boot::PhysicalReader;

namespace log = core::log;

constexpr std::string_view root_pointer_signature = "RSD PTR ";
/// Longer tables are a garbled length; the largest in the field, a server's DSDT, are some hundred KiB.
constexpr std::uint32_t longest_table = 1_MiB;

std::string_view text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::unexpected<Error> unusable(std::string_view name, std::string_view reason, PhysAddr address) {
    log::warning("ACPI: {} at {} ignored: {}", name, address, reason);
    return fail(Error::malformed);
}

/// A signature for messages: four letters or digits, or words for anything else.
std::string_view printable(std::string_view signature) {
    const bool plain = std::ranges::all_of(
        signature, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
    return plain ? signature : "a table with a garbled name";
}

} // namespace

bool has_valid_checksum(Bytes bytes) {
    // Eight bytes at a time: pairs into 16-bit lanes, the lanes into the topmost by the multiplication. No
    // lane overflows.
    constexpr std::uint64_t even_bytes = 0x00ff'00ff'00ff'00ff;
    constexpr std::uint64_t each_lane = 0x0001'0001'0001'0001;
    ByteReader reader{bytes};
    std::uint64_t sum = 0;
    while (const auto word = reader.read<std::uint64_t>()) {
        const std::uint64_t lanes = (*word & even_bytes) + (*word >> 8 & even_bytes);
        sum += lanes * each_lane >> 48;
    }
    while (const auto byte = reader.read<std::uint8_t>()) {
        sum += *byte;
    }
    return sum % 256 == 0;
}

Result<Roots> read_root_pointer(const PhysicalReader& memory, PhysAddr address) {
    const auto start = memory.read(address, root_pointer_1_size);
    if (!start) {
        return unusable("root pointer", "not in readable memory", address);
    }
    if (!text(*start).starts_with(root_pointer_signature)) {
        return unusable("root pointer", "wrong signature", address);
    }
    if (!has_valid_checksum(*start)) {
        return unusable("root pointer", "wrong checksum", address);
    }
    std::array<std::byte, sizeof(RootPointer)> copy{};
    std::ranges::copy(*start, copy.begin());
    auto pointer = TRY(ByteReader{copy}.read<RootPointer>());
    if (pointer.revision < 2) {
        return Roots{PhysAddr{}, PhysAddr{pointer.rsdt}};
    }
    const auto whole = memory.read(address, sizeof(RootPointer));
    if (!whole || !has_valid_checksum(*whole)) {
        log::warning("ACPI: root pointer at {}: wrong extended checksum; its XSDT is not used", address);
        return Roots{PhysAddr{}, PhysAddr{pointer.rsdt}};
    }
    pointer = TRY(ByteReader{*whole}.read<RootPointer>());
    return Roots{PhysAddr{pointer.xsdt}, PhysAddr{pointer.rsdt}};
}

Result<PhysAddr> find_root_pointer(const PhysicalReader& memory) {
    constexpr PhysAddr bios_area{0xe0000};
    constexpr std::size_t bios_area_size = 128_KiB;
    constexpr std::size_t boundary = 16;
    const auto bytes = TRY(memory.read(bios_area, bios_area_size));
    for (std::size_t at = 0; at + root_pointer_1_size <= bytes.size(); at += boundary) {
        const Bytes candidate = bytes.subspan(at, root_pointer_1_size);
        if (text(candidate).starts_with(root_pointer_signature) && has_valid_checksum(candidate)) {
            return bios_area + at;
        }
    }
    return fail(Error::not_found);
}

Result<Table> read_table(const PhysicalReader& memory, PhysAddr address, std::string_view name) {
    const auto header_bytes = memory.read(address, sizeof(Header));
    if (address.value == 0 || !header_bytes) {
        return unusable(name.empty() ? "a table" : name, "not in readable memory", address);
    }
    const auto header = TRY(ByteReader{*header_bytes}.read<Header>());
    const std::string_view signature = text(header_bytes->first(sizeof(header.signature)));
    if (!name.empty() && signature != name) {
        return unusable(name, "wrong signature", address);
    }
    if (header.length < sizeof(Header) || header.length > longest_table) {
        return unusable(printable(signature), "wrong length", address);
    }
    const auto bytes = memory.read(address, header.length);
    if (!bytes) {
        return unusable(printable(signature), "it reaches out of readable memory", address);
    }
    if (!has_valid_checksum(*bytes)) {
        return unusable(printable(signature), "wrong checksum", address);
    }
    return Table{signature, bytes->subspan(sizeof(Header))};
}

Result<TableList> TableList::open(const PhysicalReader& memory, const Roots& roots) {
    if (roots.xsdt.value != 0) {
        if (const auto table = read_table(memory, roots.xsdt, "XSDT")) {
            return TableList{memory, table->body, sizeof(std::uint64_t)};
        }
    }
    const auto table = TRY(read_table(memory, roots.rsdt, "RSDT"));
    return TableList{memory, table.body, sizeof(std::uint32_t)};
}

TableList::TableList(const PhysicalReader& memory, Bytes entries, std::size_t entry_size)
    : memory_{memory}
    , entries_{entries}
    , entry_size_{entry_size} {
    if (entries_.size() % entry_size_ != 0) {
        log::warning("ACPI: the root table ends inside an entry");
    }
    for (std::size_t i = 0; i < size(); ++i) {
        if (!memory_.read(address(i), sizeof(Header))) {
            log::warning("ACPI: a table at {} ignored: not in readable memory", address(i));
        }
    }
}

PhysAddr TableList::address(std::size_t index) const {
    std::uint64_t address = 0;
    for (std::size_t i = entry_size_; i > 0; --i) {
        address = address << 8 | static_cast<std::uint64_t>(entries_[index * entry_size_ + i - 1]);
    }
    return PhysAddr{address};
}

Result<Table> TableList::find(std::string_view signature) const {
    for (std::size_t i = 0; i < size(); ++i) {
        // Only the wanted table is checked: checksums of the others would cost time for nothing.
        const auto start = memory_.read(address(i), sizeof(Header));
        if (!start || !text(*start).starts_with(signature)) {
            continue;
        }
        if (auto table = read_table(memory_, address(i), signature)) {
            return table;
        }
    }
    return fail(Error::not_found);
}

} // namespace heddle::dev::acpi
