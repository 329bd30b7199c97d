// SPDX-License-Identifier: BSD-2-Clause
// Finding the page and filling it. It is written through the direct map, where it is never executable.
#include "processor/trampoline.hpp"

#include "core/memory/image.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/memory_map.hpp"
#include "core/panic.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
[[gnu::visibility("hidden")]] extern const char heddle_trampoline_start[];
[[gnu::visibility("hidden")]] extern const char heddle_trampoline_parameters[];
[[gnu::visibility("hidden")]] extern const char heddle_trampoline_end[];
[[gnu::visibility("hidden")]] extern const char heddle_secondary_start[];
/// boot/start.S: the root of the early tables.
[[gnu::visibility("hidden")]] extern const char heddle_early_root[];
/// The kernel's own tables, for heddle_secondary_start.
[[gnu::visibility("hidden")]] extern std::uint64_t heddle_kernel_root;
constinit std::uint64_t heddle_kernel_root = 0;
}

namespace heddle::amd64 {
namespace {

using core::memory::MemoryMap;

/// What trampoline.S reads in its page, in this order.
struct Parameters {
    std::uint64_t entry; ///< where it goes on, in the image
    std::uint64_t root;  ///< of the early tables
};

static_assert(sizeof(Parameters) == 16);

/// Above it lie video memory and ROMs, and real mode ends at 1 MiB.
constexpr PhysAddr conventional_end{640 * 1024};

READ_ONLY_AFTER_INIT constinit PhysAddr page{0};
constinit bool filled = false;

void fill() {
    auto* const there = core::memory::to_virtual(page).as<char>();
    std::memcpy(there, heddle_trampoline_start,
                static_cast<std::size_t>(heddle_trampoline_end - heddle_trampoline_start));
    const auto early_root = core::memory::kernel_map().translate(VirtAddr::of(heddle_early_root));
    HEDDLE_ASSERT(early_root.has_value());
    const Parameters parameters{reinterpret_cast<std::uintptr_t>(heddle_secondary_start),
                                early_root->address.value};
    std::memcpy(there + (heddle_trampoline_parameters - heddle_trampoline_start), &parameters,
                sizeof(parameters));
    heddle_kernel_root = core::memory::kernel_map().root().value;
}

} // namespace

void reserve_trampoline(core::boot::BootInfo& boot_info) {
    const MemoryMap memory{boot_info.memory.span()};
    PhysAddr found{0};
    for (auto range = memory.next_usable({}); range && range->begin < conventional_end;
         range = memory.next_usable(range->end)) {
        found = std::min(range->end, conventional_end) - page_size;
    }
    if (found == PhysAddr{0}) {
        return;
    }
    if (boot_info.memory.push_back({found, page_size, core::boot::MemoryKind::kernel})) {
        page = found;
    }
}

Result<PhysAddr> trampoline() {
    if (page == PhysAddr{0}) {
        return fail(Error::not_found);
    }
    if (!filled) {
        fill();
        filled = true;
    }
    return page;
}

} // namespace heddle::amd64
