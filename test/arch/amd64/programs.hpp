// SPDX-License-Identifier: BSD-2-Clause
// Programs that run on all CPUs at once, each with handlers of its own; and amd64's own fragments.
#pragma once

#include "core/cpu/cpu_local.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/user.hpp"
#include "core/user/entry.hpp"
#include "test/user/program.hpp"

#include <array>
#include <optional>

extern "C" {
#define HEDDLE_FRAGMENT(name) [[gnu::visibility("hidden")]] extern const char heddle_fragment_##name[];
HEDDLE_FRAGMENT(two_calls)
HEDDLE_FRAGMENT(breakpoint)
HEDDLE_FRAGMENT(divide)
HEDDLE_FRAGMENT(fault)
HEDDLE_FRAGMENT(unaligned)
HEDDLE_FRAGMENT(step)
HEDDLE_FRAGMENT(interrupted)
HEDDLE_FRAGMENT(load_stack_segment)
HEDDLE_FRAGMENT(write_gs_base)
HEDDLE_FRAGMENT(sums)
HEDDLE_FRAGMENT(counted_calls)
HEDDLE_FRAGMENT(flags)
HEDDLE_FRAGMENT(descriptor_table)
#undef HEDDLE_FRAGMENT
/// Distances from heddle_fragment_begin, each to something that only the kernel may do; up to 0.
[[gnu::visibility("hidden")]] extern const std::uint32_t heddle_forbidden_fragments[];
}

namespace heddle::test {

/// RFLAGS.
struct Flag {
    static constexpr std::uint64_t always_set = 1U << 1;
    static constexpr std::uint64_t trap = 1U << 8;
    static constexpr std::uint64_t direction = 1U << 10;
    static constexpr std::uint64_t resume = 1U << 16;
    static constexpr std::uint64_t alignment = 1U << 18;
    static constexpr std::uint64_t identification = 1U << 21;
    static constexpr std::uint64_t status = 0x8d5; ///< OF, SF, ZF, AF, PF, CF
};

/// What is done for one run of a program on one CPU. Each leaves user mode unless overridden.
class Visitor {
  public:
    virtual void system_call(machine::TrapFrame&) { machine::leave_user(); } ///< interrupts on

    virtual void exception(machine::TrapFrame&) { machine::leave_user(); } ///< interrupts off

    virtual void work(machine::TrapFrame&, std::uint32_t) { machine::leave_user(); }

  protected:
    ~Visitor() = default;
};

/// The fragments in user memory that all CPUs run at once, and a page of data for each, for a block.
class Programs {
  public:
    static constexpr VirtAddr code{0x40'0000};
    static constexpr VirtAddr data{0x50'0000};

    Programs();
    ~Programs();
    Programs(const Programs&) = delete;
    Programs& operator=(const Programs&) = delete;

    static VirtAddr address_of(const char* fragment) {
        return code + static_cast<std::uint64_t>(fragment - heddle_fragment_begin);
    }

    /// The calling CPU's page of data, with nothing mapped around it.
    static VirtAddr own_data() { return data + core::cpu::current().id.value * 2 * page_size; }

    /// Registers to begin `fragment` with: the stack is the CPU's page of data.
    static machine::TrapFrame frame(const char* fragment, std::uint64_t argument = 0) {
        return machine::user_frame(address_of(fragment), own_data() + page_size, argument);
    }

    /// Runs a program on the calling CPU until `visitor` leaves it; `frame` is then as it was there. Thread
    /// context.
    static void run(machine::TrapFrame& frame, Visitor& visitor);

  private:
    UserMemory code_page_{code, page_size, core::memory::Access::read_execute};
    std::array<std::optional<UserMemory>, CpuId::limit> data_pages_;
    const core::user::Handlers* before_;
};

/// Random values for every general register (RSP, too), the status flags, DF, AC and ID.
void fill_registers(machine::TrapFrame& frame, std::uint64_t seed);

/// Whether two frames have the same general registers, flags (but RF, which is the CPU's to change) and stack
/// pointer. The second one may have RCX and R11 as SYSCALL leaves them.
bool same_registers(const machine::TrapFrame& a, const machine::TrapFrame& b, bool after_system_call = false);

} // namespace heddle::test
