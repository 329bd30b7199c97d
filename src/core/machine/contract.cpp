// SPDX-License-Identifier: BSD-2-Clause
// Holds this build's machine to the contract, at compile time. No code.
#include "core/machine/contract.hpp"

#include "machine/cpu.hpp"
#include "machine/cpu_data.hpp"
#include "machine/page_table.hpp"
#include "machine/trap_frame.hpp"

namespace heddle::machine {
namespace {

static_assert(PageTablePolicy<PageTable>);
static_assert(TrapFrameLayout<TrapFrame>);
static_assert(CpuDataLayout<CpuData>);

/// True when calling `function` with `Arguments` gives exactly `Returned`.
template <class Returned, class... Arguments>
constexpr bool is(Returned (*)(Arguments...)) {
    return true;
}

static_assert(is<InterruptState>(save_and_disable_interrupts) &&
              std::is_trivially_copyable_v<InterruptState>);
static_assert(is<void, InterruptState>(restore_interrupts));
static_assert(is<void>(enable_interrupts) && is<void>(disable_interrupts) && is<bool>(interrupts_enabled));
static_assert(is<void>(pause) && is<void>(wait_for_interrupt) && is<void>(halt));
static_assert(is<std::uint64_t>(cycle_count) && instructions_per_cycle_count > 0);
static_assert(is<std::uint64_t>(cpu_pointer) && is<void, std::uint64_t>(set_cpu_pointer));

} // namespace
} // namespace heddle::machine
