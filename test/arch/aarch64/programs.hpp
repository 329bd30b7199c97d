// SPDX-License-Identifier: BSD-2-Clause
// Programs that run on all CPUs at once, each with handlers of its own; and instructions to make them of.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/user.hpp"
#include "core/user/entry.hpp"
#include "test/user/program.hpp"

#include <array>
#include <initializer_list>
#include <optional>

namespace heddle::test {

namespace instruction {

inline constexpr std::uint32_t svc = 0xd400'0001;
inline constexpr std::uint32_t brk = 0xd420'0000;
inline constexpr std::uint32_t undefined = 0;
inline constexpr std::uint32_t nop = 0xd503'201f;
inline constexpr std::uint32_t branch_to_self = 0x1400'0000;
inline constexpr std::uint32_t branch_to_x0 = 0xd61f'0000;
inline constexpr std::uint32_t load_x1_from_x0 = 0xf940'0001;
inline constexpr std::uint32_t store_x1_to_x0 = 0xf900'0001;
inline constexpr std::uint32_t load_exclusive_x1_from_x0 = 0xc85f'7c01;
inline constexpr std::uint32_t load_x1_from_sp = 0xf940'03e1;
inline constexpr std::uint32_t mask_interrupts = 0xd503'42df; // MSR DAIFSet, #2
inline constexpr std::uint32_t pacia_x1_x2 = 0xdac1'0041;
inline constexpr std::uint32_t autia_x1_x2 = 0xdac1'1041;
inline constexpr std::uint32_t pacib_x3_x2 = 0xdac1'0443;
inline constexpr std::uint32_t pacda_x4_x2 = 0xdac1'0844;
inline constexpr std::uint32_t pacdb_x5_x2 = 0xdac1'0c45;
inline constexpr std::uint32_t pacga_x6_x7_x2 = 0x9ac2'30e6;

} // namespace instruction

/// What is done for one run of a program on one CPU. Each leaves user mode unless overridden.
class Visitor {
  public:
    virtual void system_call(machine::TrapFrame&) { machine::leave_user(); } ///< interrupts on

    virtual void exception(machine::TrapFrame&) { machine::leave_user(); } ///< interrupts off

    virtual void work(machine::TrapFrame&, std::uint32_t) { machine::leave_user(); }

  protected:
    ~Visitor() = default;
};

/// One program in user memory that all CPUs run at once, and a page of data for each, for a block.
class Programs {
  public:
    static constexpr VirtAddr code{0x40'0000};
    static constexpr VirtAddr data{0x50'0000};

    Programs(std::initializer_list<std::uint32_t> instructions);
    ~Programs();
    Programs(const Programs&) = delete;
    Programs& operator=(const Programs&) = delete;

    /// The calling CPU's page of data, with nothing mapped around it.
    static VirtAddr own_data() { return data + core::cpu::current().id.value * 2 * page_size; }

    /// Registers to begin at instruction `index` with: the stack is the CPU's page of data.
    static machine::TrapFrame frame(unsigned index = 0, std::uint64_t argument = 0) {
        return machine::user_frame(code + index * 4, own_data() + page_size, argument);
    }

    /// Runs a program on the calling CPU until `visitor` leaves it; `frame` is then as it was there. Thread
    /// context.
    static void run(machine::TrapFrame& frame, Visitor& visitor);

  private:
    UserMemory code_page_{code, page_size, core::memory::Access::read_execute};
    std::array<std::optional<UserMemory>, CpuId::limit> data_pages_;
    const core::user::Handlers* before_;
};

/// Random values for every general register, the stack pointer (of any alignment) and the condition flags.
void fill_registers(machine::TrapFrame& frame, std::uint64_t seed);

/// Whether two frames have the same general registers, stack pointer and condition flags.
bool same_registers(const machine::TrapFrame& a, const machine::TrapFrame& b);

/// A program that an interrupt meets at its first instruction, by a call of the CPU's to itself; the way out
/// leads to work, which ends it.
class Interrupted final : public Visitor {
  public:
    /// False: the interrupt was lost.
    [[nodiscard]] bool run(machine::TrapFrame& frame);
};

/// A seed for the calling CPU in `round`; the case's generator is the runner's.
class Seeds {
  public:
    Seeds();

    std::uint64_t of(unsigned round) const {
        return base_ + (std::uint64_t{core::cpu::current().id.value} << 32) + round;
    }

  private:
    std::uint64_t base_;
};

} // namespace heddle::test
