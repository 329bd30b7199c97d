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
HEDDLE_STACK(double_fault)
HEDDLE_STACK(non_maskable)
HEDDLE_STACK(machine_check)
HEDDLE_STACK(debug)
#undef HEDDLE_STACK
}

namespace heddle::amd64 {
namespace {

constinit const void* const guards[] = {heddle_boot_stack_guard,          heddle_interrupt_stack_guard,
                                        heddle_double_fault_stack_guard,  heddle_non_maskable_stack_guard,
                                        heddle_machine_check_stack_guard, heddle_debug_stack_guard};

} // namespace

CpuStacks boot_cpu_stacks() {
    return {.interrupt = VirtAddr::of(heddle_interrupt_stack_top),
            .double_fault = VirtAddr::of(heddle_double_fault_stack_top),
            .non_maskable = VirtAddr::of(heddle_non_maskable_stack_top),
            .machine_check = VirtAddr::of(heddle_machine_check_stack_top),
            .debug = VirtAddr::of(heddle_debug_stack_top)};
}

} // namespace heddle::amd64

std::span<const void* const> heddle::machine::stack_guards() {
    return amd64::guards;
}
