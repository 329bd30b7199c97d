// SPDX-License-Identifier: BSD-2-Clause
// The boot CPU's stacks (boot/stacks.S) for whoever sets them up, guards them or walks them; making those of
// others.
#include "cpu/stacks.hpp"

#include "core/machine/machine.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/panic.hpp"

#include <iterator>
#include <tuple>

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

struct StackPlan {
    unsigned order; ///< of its frames: 2^order pages
    std::uint64_t machine::CpuData::* top;
};

/// Of a CPU that is not the boot CPU, from low to high addresses; sizes as in boot/stacks.S.
constexpr StackPlan plan[] = {
    {0, &machine::CpuData::frame_stack},     {1, &machine::CpuData::serror_stack},
    {1, &machine::CpuData::nested_stack},    {1, &machine::CpuData::exception_stack},
    {2, &machine::CpuData::interrupt_stack}, {4, &machine::CpuData::thread_stack}};

constexpr std::uint64_t planned_size() {
    std::uint64_t size = 0;
    for (const StackPlan& stack : plan) {
        size += page_size + (page_size << stack.order);
    }
    return size;
}

/// Calls `visit(index, begin, size)` for each stack in a range that begins at `begin`.
template <class Visitor>
void for_each_stack(VirtAddr begin, Visitor visit) {
    for (std::size_t i = 0; i < std::size(plan); ++i) {
        const std::uint64_t size = page_size << plan[i].order;
        visit(i, begin + page_size, size);
        begin = begin + page_size + size;
    }
}

Result<void> make_stack(VirtAddr begin, unsigned order, std::optional<core::memory::FrameBlock>& result) {
    auto frames = TRY(core::memory::FrameBlock::allocate(order));
    TRY(core::memory::kernel_map().map(begin, frames.frame().address(), frames.size(),
                                       {.access = core::memory::Access::read_write}));
    result.emplace(std::move(frames));
    return {};
}

} // namespace

void take_boot_cpu_stacks(machine::CpuData& cpu) {
    cpu.interrupt_stack = address(heddle_interrupt_stack_top);
    cpu.exception_stack = address(heddle_exception_stack_top);
    cpu.nested_stack = address(heddle_nested_stack_top);
    cpu.serror_stack = address(heddle_serror_stack_top);
    cpu.frame_stack = address(heddle_frame_stack_top);
    cpu.thread_stack = address(heddle_boot_stack_top);
}

Result<CpuStacks> CpuStacks::create() {
    static_assert(std::size(plan) == std::tuple_size_v<decltype(frames_)>);
    CpuStacks stacks{TRY(core::memory::arena().reserve(planned_size()))};
    Result<void> made;
    for_each_stack(stacks.range_.begin(), [&](std::size_t i, VirtAddr begin, std::uint64_t) {
        if (made) {
            made = make_stack(begin, plan[i].order, stacks.frames_[i]);
        }
    });
    TRY(made);
    return stacks;
}

CpuStacks::~CpuStacks() {
    if (!range_) {
        return;
    }
    for_each_stack(range_.begin(), [this](std::size_t i, VirtAddr begin, std::uint64_t size) {
        if (frames_[i] && !core::memory::kernel_map().unmap(begin, size)) {
            core::panic("a CPU's stack at {} cannot be unmapped", begin);
        }
    });
}

void CpuStacks::enter(machine::CpuData& cpu) const {
    for_each_stack(range_.begin(), [&cpu](std::size_t i, VirtAddr begin, std::uint64_t size) {
        cpu.*plan[i].top = (begin + size).value;
    });
}

void CpuStacks::abandon() && {
    for (auto& frames : frames_) {
        if (frames) {
            frames->release();
        }
    }
    range_.abandon();
}

} // namespace heddle::aarch64

std::span<const void* const> heddle::machine::stack_guards() {
    return aarch64::guards;
}
