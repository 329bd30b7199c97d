// SPDX-License-Identifier: BSD-2-Clause
// The descriptor tables that long mode still needs, in the formats of Intel SDM vol. 3A, 3.4.5, 6.14.1
// and 7.7.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::machine {

/// Offsets in the GDT. User data lies between the two user code segments as SYSRET wants it (SDM vol. 2B,
/// SYSRET).
enum class Selector : std::uint16_t {
    kernel_code = 0x08,
    kernel_data = 0x10,
    user_code32 = 0x18, ///< never used, but SYSRET counts from here
    user_data = 0x20,
    user_code = 0x28,
    task_state = 0x30, ///< two slots
};

/// One CPU's descriptors; of its own because the TSS descriptor is.
struct GlobalDescriptorTable {
    std::uint64_t entries[8];
};

/// Which stack of the TSS a vector switches to, whatever it interrupts; 0 in a gate means none.
enum class InterruptStack : std::uint8_t { none, double_fault, non_maskable, machine_check, debug };

inline constexpr std::size_t interrupt_stack_count = 4;

/// SDM vol. 3A, 7.7 "Task management in 64-bit mode", figure 7-11.
struct [[gnu::packed]] TaskState {
    std::uint32_t reserved0;
    std::uint64_t ring_stack[3]; ///< RSP0: where an entry from user mode begins
    std::uint64_t reserved1;
    std::uint64_t interrupt_stack[7]; ///< IST1…IST7
    std::uint64_t reserved2;
    std::uint16_t reserved3;
    std::uint16_t io_map_base; ///< beyond the limit: no port is open to user mode
};

static_assert(sizeof(TaskState) == 104);
static_assert(offsetof(TaskState, ring_stack) == 4);
static_assert(offsetof(TaskState, interrupt_stack) == 36);
static_assert(offsetof(TaskState, io_map_base) == 102);

} // namespace heddle::machine
