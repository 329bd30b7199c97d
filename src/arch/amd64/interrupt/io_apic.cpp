// SPDX-License-Identifier: BSD-2-Clause
// Registers behind an index and a window; redirection entries of 64 bits (82093AA, 3.2.4).
#include "interrupt/io_apic.hpp"

#include "core/memory/arena.hpp"

namespace heddle::amd64 {
namespace {

using core::interrupt::InterruptId;
using core::interrupt::Polarity;
using core::interrupt::Trigger;

constexpr std::size_t select_index = 0x00 / 4;
constexpr std::size_t window_index = 0x10 / 4;
constexpr std::size_t registers_size = 0x20;

constexpr std::uint32_t version_register = 0x01;
constexpr std::uint32_t redirection_table = 0x10;

constexpr std::uint32_t entry_active_low = 1U << 13;
constexpr std::uint32_t entry_level = 1U << 15;
constexpr std::uint32_t entry_masked = 1U << 16;

constexpr std::uint32_t entry_low(std::uint32_t line) {
    return redirection_table + 2 * line;
}

} // namespace

std::uint32_t IoApic::read(std::uint32_t reg) {
    registers_[select_index] = reg;
    return registers_[window_index];
}

void IoApic::write(std::uint32_t reg, std::uint32_t value) {
    registers_[select_index] = reg;
    registers_[window_index] = value;
}

Result<void> IoApic::start(PhysAddr base, std::uint32_t first) {
    auto mapping = TRY(core::memory::map_device(base, registers_size));
    registers_ = std::move(mapping).leak().as<volatile std::uint32_t>();
    first_ = first;
    lines_ = (read(version_register) >> 16 & 0xff) + 1;
    for (std::uint32_t line = 0; line < lines_; ++line) {
        write(entry_low(line), entry_masked);
    }
    return {};
}

void IoApic::unmask(InterruptId interrupt, std::uint8_t vector, Trigger trigger, Polarity polarity,
                    std::uint32_t target) {
    const std::uint32_t line = interrupt.value - first_;
    write(entry_low(line), entry_masked); // nothing comes while the halves disagree
    write(entry_low(line) + 1, target << 24);
    write(entry_low(line), vector | (polarity == Polarity::low ? entry_active_low : 0) |
                               (trigger == Trigger::level ? entry_level : 0));
}

void IoApic::mask(InterruptId interrupt) {
    write(entry_low(interrupt.value - first_), entry_masked);
}

} // namespace heddle::amd64
