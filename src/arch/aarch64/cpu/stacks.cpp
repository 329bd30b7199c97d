// SPDX-License-Identifier: BSD-2-Clause
// The boot CPU's stacks (boot/stacks.S) for whoever sets them up, guards them or walks them.
#include "cpu/stacks.hpp"

#include "core/machine/machine.hpp"

extern "C" {
#define HEDDLE_STACK(name)                                                                                   \
    [[gnu::visibility("hidden")]] extern const char heddle_##name##_stack_guard[];                           \
    [[gnu::visibility("hidden")]] extern const char heddle_##name##_stack_top[];
HEDDLE_STACK(boot)
HEDDLE_STACK(interrupt)
HEDDLE_STACK(exception)
HEDDLE_STACK(nested)
HEDDLE_STACK(serror)
HEDDLE_STACK(frame)
#undef HEDDLE_STACK
}

namespace heddle::aarch64 {
namespace {

constinit const void* const guards[] = {heddle_boot_stack_guard,      heddle_interrupt_stack_guard,
                                        heddle_exception_stack_guard, heddle_nested_stack_guard,
                                        heddle_serror_stack_guard,    heddle_frame_stack_guard};

std::uint64_t address(const char* top) {
    return VirtAddr::of(top).value;
}

} // namespace

void take_boot_cpu_stacks(machine::CpuData& cpu) {
    cpu.interrupt_stack = address(heddle_interrupt_stack_top);
    cpu.exception_stack = address(heddle_exception_stack_top);
    cpu.nested_stack = address(heddle_nested_stack_top);
    cpu.serror_stack = address(heddle_serror_stack_top);
    cpu.frame_stack = address(heddle_frame_stack_top);
}

} // namespace heddle::aarch64

std::span<const void* const> heddle::machine::stack_guards() {
    return aarch64::guards;
}
