// SPDX-License-Identifier: BSD-2-Clause
// The local APIC of the calling CPU, in xAPIC mode: SDM vol. 3A, chapter 11 "Advanced Programmable Interrupt
// Controller".
#pragma once

#include "lib/result.hpp"
#include "lib/units.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::amd64 {

/// Registers by their offset (SDM vol. 3A, table 11-1); each is 32 bits wide at a multiple of 16.
enum class LocalApicRegister : std::uint16_t {
    id = 0x020,
    version = 0x030,
    task_priority = 0x080,
    end_of_interrupt = 0x0b0,
    spurious_interrupt = 0x0f0,
    interrupt_request = 0x200, ///< the first of eight: one bit for each vector
    error_status = 0x280,
    interrupt_command_low = 0x300,
    interrupt_command_high = 0x310,
    timer = 0x320, ///< the local vector table, from here to `error`
    thermal = 0x330,
    performance = 0x340,
    lint0 = 0x350,
    lint1 = 0x360,
    error = 0x370,
    timer_initial_count = 0x380,
    timer_current_count = 0x390,
    timer_divide = 0x3e0,
};

/// All CPUs find their own at one address, so there is one object. Any context once map() has returned.
class LocalApic {
  public:
    /// Maps the registers at `base`. Once. Error::not_supported when firmware left x2APIC mode on, which has
    /// none.
    Result<void> map(PhysAddr base);

    /// Switches the calling CPU's on, everything masked but NMIs, and notes its id in CpuData. Interrupts
    /// off.
    void enable();

    std::uint32_t read(LocalApicRegister reg) const { return registers_[index(reg)]; }

    void write(LocalApicRegister reg, std::uint32_t value) { registers_[index(reg)] = value; }

    /// The calling CPU's id, as ACPI and the I/O APIC know it.
    std::uint32_t id() const { return read(LocalApicRegister::id) >> 24; }

    /// Whether `vector` waits on the calling CPU until interrupts are on.
    bool pending(std::uint8_t vector) const {
        const std::size_t word = index(LocalApicRegister::interrupt_request) + std::size_t{vector} / 32 * 4;
        return (registers_[word] >> vector % 32 & 1) != 0;
    }

    void end_of_interrupt() { write(LocalApicRegister::end_of_interrupt, 0); }

    /// Raises `vector` on the calling CPU.
    void interrupt_self(std::uint8_t vector);

    /// Raises `vector` on the CPU with APIC id `target`, which may be the calling one. This and the
    /// following: Error::timed_out when the APIC does not get rid of it. Any context.
    Result<void> send(std::uint32_t target, std::uint8_t vector);

    /// Raises an NMI on the CPU with APIC id `target`, which may be the calling one.
    Result<void> send_non_maskable(std::uint32_t target);

    /// Puts the processor with APIC id `target` into its state after reset; it then waits for
    /// send_start_up().
    Result<void> send_init(std::uint32_t target);

    /// Lets it begin at `page`, whole and below 1 MiB, in real mode. Nothing to one that does not wait for
    /// it.
    Result<void> send_start_up(std::uint32_t target, PhysAddr page);

  private:
    static constexpr std::size_t index(LocalApicRegister reg) { return static_cast<std::size_t>(reg) / 4; }

    Result<void> command(std::uint32_t target, std::uint32_t command);

    volatile std::uint32_t* registers_ = nullptr;
};

LocalApic& local_apic();

} // namespace heddle::amd64
