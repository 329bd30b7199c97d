// SPDX-License-Identifier: BSD-2-Clause
// The boot CPU's stacks (boot/stacks.S) and those of the others, for whoever sets them up, guards them or
// walks them.
#include "cpu/stacks.hpp"

#include "core/machine/machine.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

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

using core::memory::FrameBlock;

/// The stacks of a CPU in the order in which they lie in its area.
enum class Stack : std::uint8_t { start, interrupt, double_fault, non_maskable, machine_check, debug, count };

constexpr std::size_t stack_count = static_cast<std::size_t>(Stack::count);

/// Blocks of frames, see core::memory::block_size().
constexpr std::array<unsigned, stack_count> orders{3, 2, 1, 1, 1, 1};

/// A stack's place in an area.
struct Place {
    std::uint64_t guard; ///< a page of which nothing is mapped
    std::uint64_t begin;
    std::uint64_t end;
};

constexpr Place place_of(std::size_t index) {
    std::uint64_t guard = 0;
    for (std::size_t i = 0; i < index; ++i) {
        guard += page_size + core::memory::block_size(orders[i]);
    }
    const std::uint64_t begin = guard + page_size;
    return {guard, begin, begin + core::memory::block_size(orders[index])};
}

constexpr std::uint64_t area_size = place_of(stack_count - 1).end;

/// Where each CPU's area begins; 0 for one that has none, as the boot CPU. Written once, by the boot thread.
constinit std::array<std::atomic<std::uint64_t>, CpuId::limit> areas{};

VirtAddr area_of(CpuId cpu) {
    // Acquire: pairs with the release in allocate_stacks(), the stacks are mapped.
    return VirtAddr{areas[cpu.value].load(std::memory_order_acquire)};
}

VirtAddr top_of(CpuId cpu, Stack stack) {
    return area_of(cpu) + place_of(static_cast<std::size_t>(stack)).end;
}

/// How far `address` lies in the area that holds it.
std::optional<std::uint64_t> offset_in_area(VirtAddr address) {
    for (const auto& area : areas) {
        const std::uint64_t begin = area.load(std::memory_order_acquire);
        if (begin != 0 && address.value - begin < area_size) {
            return address.value - begin;
        }
    }
    return std::nullopt;
}

/// Maps the stacks from the first on; what was mapped before one failed is unmapped again.
Result<void> map_stacks(VirtAddr area, const std::array<std::optional<FrameBlock>, stack_count>& blocks) {
    constexpr core::memory::Permissions read_write{.access = core::memory::Access::read_write};
    auto& map = core::memory::kernel_map();
    for (std::size_t i = 0; i < stack_count; ++i) {
        const auto& block = blocks[i];
        const auto mapped =
            block ? map.map(area + place_of(i).begin, block->frame().address(), block->size(), read_write)
                  : fail(Error::invalid_argument);
        if (mapped) {
            continue;
        }
        while (i-- > 0) {
            const auto unmapped = map.unmap(area + place_of(i).begin, core::memory::block_size(orders[i]));
            HEDDLE_ASSERT(unmapped.has_value());
        }
        return mapped;
    }
    return {};
}

} // namespace

CpuStacks boot_cpu_stacks() {
    return {.interrupt = VirtAddr::of(heddle_interrupt_stack_top),
            .double_fault = VirtAddr::of(heddle_double_fault_stack_top),
            .non_maskable = VirtAddr::of(heddle_non_maskable_stack_top),
            .machine_check = VirtAddr::of(heddle_machine_check_stack_top),
            .debug = VirtAddr::of(heddle_debug_stack_top)};
}

Result<void> allocate_stacks(CpuId cpu) {
    if (area_of(cpu) != VirtAddr{0}) {
        return {};
    }
    std::array<std::optional<FrameBlock>, stack_count> blocks;
    for (std::size_t i = 0; i < stack_count; ++i) {
        blocks[i] = TRY(FrameBlock::allocate(orders[i]));
    }
    auto range = TRY(core::memory::arena().reserve(area_size));
    TRY(map_stacks(range.begin(), blocks));
    // Release: pairs with the acquire in area_of().
    areas[cpu.value].store(range.begin().value, std::memory_order_release);
    range.abandon();
    for (auto& block : blocks) {
        if (block) {
            static_cast<void>(block->release());
        }
    }
    return {};
}

CpuStacks cpu_stacks(CpuId cpu) {
    return {.interrupt = top_of(cpu, Stack::interrupt),
            .double_fault = top_of(cpu, Stack::double_fault),
            .non_maskable = top_of(cpu, Stack::non_maskable),
            .machine_check = top_of(cpu, Stack::machine_check),
            .debug = top_of(cpu, Stack::debug)};
}

VirtAddr start_stack_top(CpuId cpu) {
    return top_of(cpu, Stack::start);
}

bool is_allocated_stack(VirtAddr begin, std::uint64_t size) {
    const auto offset = offset_in_area(begin);
    if (!offset) {
        return false;
    }
    for (std::size_t i = 0; i < stack_count; ++i) {
        const Place place = place_of(i);
        if (*offset >= place.begin && *offset < place.end) {
            return size <= place.end - *offset;
        }
    }
    return false;
}

bool is_stack_guard(VirtAddr address) {
    if (offset_in_area(address)) {
        return !is_allocated_stack(address, 1);
    }
    return std::ranges::any_of(machine::stack_guards(), [address](const void* guard) {
        return align_down<std::uint64_t>(address.value, page_size) == reinterpret_cast<std::uintptr_t>(guard);
    });
}

} // namespace heddle::amd64

std::span<const void* const> heddle::machine::stack_guards() {
    return amd64::guards;
}
