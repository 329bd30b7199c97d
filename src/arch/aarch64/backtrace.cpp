// SPDX-License-Identifier: BSD-2-Clause
// Walking frame records (AAPCS64, 6.4.6): pairs of the caller's record and the return address.
#include "core/machine/machine.hpp"
#include "machine/cpu.hpp"

#include <optional>

namespace heddle::machine {
namespace {

/// Whether the kernel may read ordinary memory at `address`: asked of the MMU, so that a wild pointer neither
/// faults nor touches a device.
bool is_readable_memory(std::uint64_t address) {
    const InterruptState interrupts = save_and_disable_interrupts();
    std::uint64_t translation; // PAR_EL1
    asm volatile("at s1e1r, %1\n\tisb\n\tmrs %0, par_el1" : "=r"(translation) : "r"(address) : "memory");
    restore_interrupts(interrupts);
    constexpr std::uint64_t failed = 1;
    constexpr std::uint64_t write_back_memory = 0xff;
    return (translation & failed) == 0 && translation >> 56 == write_back_memory;
}

struct FrameRecord {
    std::uint64_t next;
    std::uint64_t return_address;
};

std::optional<FrameRecord> read_record(std::uint64_t address) {
    const bool upper_half = address >> 48 == 0xffff;
    if (!upper_half || address % 16 != 0 || !is_readable_memory(address)) {
        return std::nullopt;
    }
    return *reinterpret_cast<const FrameRecord*>(address);
}

/// A return address without its signature: in the upper half the bits above the 48 of an address are ones.
std::uint64_t strip_signature(std::uint64_t address) {
    const bool upper_half = (address >> 55 & 1) != 0;
    return upper_half ? address | 0xffff'0000'0000'0000 : address & 0x0000'ffff'ffff'ffff;
}

} // namespace

std::size_t backtrace(std::uint64_t frame_pointer, std::span<std::uint64_t> addresses) {
    std::size_t count = 0;
    while (count < addresses.size()) {
        const auto record = read_record(frame_pointer);
        if (!record || record->return_address == 0) {
            break;
        }
        addresses[count++] = strip_signature(record->return_address);
        frame_pointer = record->next;
    }
    return count;
}

} // namespace heddle::machine
