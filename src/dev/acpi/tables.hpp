// SPDX-License-Identifier: BSD-2-Clause
// Finding ACPI tables from the root pointer, each checked for place, length and checksum before anything is
// read of it.
#pragma once

#include "core/boot/physical_reader.hpp"
#include "dev/acpi/formats.hpp"

namespace heddle::dev::acpi {

using Bytes = std::span<const std::byte>;

/// Whether the bytes add up to 0 modulo 256.
bool has_valid_checksum(Bytes bytes);

/// A table that passed its checks.
struct Table {
    std::string_view signature; ///< four characters, in the table itself
    Bytes body;                 ///< what follows the header
};

/// Where the root pointer leads, in the order in which it should be tried; 0: nowhere.
struct Roots {
    PhysAddr xsdt;
    PhysAddr rsdt;
};

/// The checked root pointer at `address`. Error::malformed, named in the log. A revision 2 pointer whose
/// extended checksum is wrong counts as revision 1.
Result<Roots> read_root_pointer(const core::boot::PhysicalReader& memory, PhysAddr address);

/// The root pointer of a PC's BIOS, on a 16-byte boundary of 0xe0000…0xfffff (5.2.5.1); Error::not_found.
Result<PhysAddr> find_root_pointer(const core::boot::PhysicalReader& memory);

/// The table at `address`; what is wrong with it is in the log by `name`, which is the signature that it must
/// have, or is empty when any will do.
Result<Table> read_table(const core::boot::PhysicalReader& memory, PhysAddr address, std::string_view name);

/// The root table's list of addresses.
class TableList {
  public:
    /// Opens the XSDT, or else the RSDT. Error::malformed, named in the log.
    static Result<TableList> open(const core::boot::PhysicalReader& memory, const Roots& roots);

    /// The first usable table with `signature`; Error::not_found. Unusable ones are named in the log.
    Result<Table> find(std::string_view signature) const;

  private:
    TableList(const core::boot::PhysicalReader& memory, Bytes entries, std::size_t entry_size);

    std::size_t size() const { return entries_.size() / entry_size_; }

    PhysAddr address(std::size_t index) const;

    const core::boot::PhysicalReader& memory_;
    Bytes entries_;
    std::size_t entry_size_;
};

} // namespace heddle::dev::acpi
