// SPDX-License-Identifier: BSD-2-Clause
// Bringing memory management up: final page tables, then frames. See memory.hpp.
#include "core/memory/memory.hpp"

#include "core/machine/machine.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/image.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/limbo.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"

#include <algorithm>
#include <array>

namespace heddle::core::memory {

namespace {

constexpr Permissions read_execute{.access = Access::read_execute};
constexpr Permissions read_only{.access = Access::read};
constexpr Permissions read_write{.access = Access::read_write};

/// Where the image's byte at `address` lies, which loaders put down in one piece.
PhysAddr image_physical(const boot::BootInfo& boot_info, VirtAddr address) {
    return boot_info.kernel_base + (address - image_text().begin);
}

Result<void> map_image_part(const boot::BootInfo& boot_info, ImagePart part, Permissions permissions) {
    if (part.begin == part.end) {
        return {};
    }
    return kernel_map().map(part.begin, image_physical(boot_info, part.begin), part.end - part.begin,
                            permissions);
}

Result<void> map_image(const boot::BootInfo& boot_info) {
    TRY(map_image_part(boot_info, image_text(), read_execute));
    TRY(map_image_part(boot_info, image_rodata(), read_only));
    TRY(map_image_part(boot_info, image_relro(), read_write));
    TRY(map_image_part(boot_info, image_data(), read_write));
    return {};
}

/// All RAM, never executable. The image's read-only parts are read-only here too, or the direct map would be
/// a way around their protection; leaves end where the image's parts do, so that seal() need not split one.
Result<void> map_ram(const boot::BootInfo& boot_info, const MemoryMap& memory) {
    const PhysAddr read_only_begin = image_physical(boot_info, image_text().begin);
    const PhysAddr read_only_end = image_physical(boot_info, image_rodata().end);
    const std::array cuts{read_only_begin, read_only_end, image_physical(boot_info, image_relro().end)};
    for (auto range = memory.next_ram({}); range; range = memory.next_ram(range->end)) {
        for (PhysAddr begin = range->begin; begin < range->end;) {
            PhysAddr end = range->end;
            for (const PhysAddr cut : cuts) {
                end = begin < cut ? std::min(end, cut) : end;
            }
            const bool sealed = begin >= read_only_begin && begin < read_only_end;
            TRY(kernel_map().map(to_virtual(begin), begin, end - begin, sealed ? read_only : read_write));
            begin = end;
        }
    }
    return {};
}

/// The registers of the console that boot begins with stay where the early page tables have them, in the
/// direct map: until it has its place in the arena, whoever panics writes there.
Result<void> map_early_console(const boot::ConsoleDescription& console) {
    if (console.kind == boot::ConsoleKind::none || console.kind == boot::ConsoleKind::ns16550_port) {
        return {};
    }
    const PhysAddr page{align_down<std::uint64_t>(console.base, page_size)};
    if (kernel_map().translate(to_virtual(page))) {
        return {}; // the memory map calls it RAM: no console, then
    }
    return kernel_map().map(to_virtual(page), page, page_size,
                            {.access = Access::read_write, .caching = Caching::device});
}

/// Tables come from the GiB that holds the image: early page tables have it in the direct map on both
/// machines.
Result<void> build_tables(const boot::BootInfo& boot_info, MemoryMap& memory) {
    const PhysAddr window{align_down<std::uint64_t>(boot_info.kernel_base.value, 1_GiB)};
    const auto tables = memory.largest_usable({window, window + 1_GiB});
    if (!tables) {
        return fail(Error::out_of_memory);
    }
    TRY(kernel_map().create(*tables));
    TRY(map_image(boot_info));
    TRY(map_ram(boot_info, memory));
    TRY(map_early_console(boot_info.console));
    const PhysRange used = kernel_map().use_frames();
    return memory.reserve(used.begin, used.size());
}

/// The regions may be wrong about what boot itself knows to be in use.
Result<void> reserve_known(const boot::BootInfo& boot_info, MemoryMap& memory) {
    TRY(memory.reserve(boot_info.kernel_base, boot_info.kernel_size));
    TRY(memory.reserve(boot_info.archive.base, boot_info.archive.size));
    return memory.reserve(boot_info.device_tree, boot_info.device_tree_size);
}

/// An overflow of one of the boot CPU's stacks shall fault.
void unmap_stack_guards() {
    for (const void* const guard : machine::stack_guards()) {
        if (const auto unmapped = kernel_map().unmap(VirtAddr::of(guard), page_size); !unmapped) {
            panic("memory: the stack guard at {} cannot be unmapped ({})", guard, unmapped.error());
        }
    }
}

/// The part of the arena's region that this boot uses: half of it, from any page of the other half on.
VirtAddr choose_arena(const boot::BootInfo& boot_info) {
    return boot_info.random_layout ? arena_begin(machine::random()) : arena_base;
}

[[noreturn]] void too_little(const boot::BootInfo& boot_info, std::string_view what, Error error) {
    panic("{} MiB of usable memory are not enough: no room for {} ({})", boot_info.usable_bytes() >> 20, what,
          error);
}

} // namespace

VirtAddr arena_begin(std::uint64_t random) {
    return arena_base + random % (arena_size / 2 / page_size) * page_size;
}

void bring_up(const boot::BootInfo& boot_info) {
    MemoryMap memory{boot_info.memory.span()};
    if (const auto reserved = reserve_known(boot_info, memory); !reserved) {
        panic("memory: boot brought more pieces than can be set aside");
    }
    if (const auto built = build_tables(boot_info, memory); !built) {
        too_little(boot_info, "the page tables", built.error());
    }
    machine::PageTable::activate(kernel_map().root());
    if (const auto started = frames().initialise(memory); !started) {
        too_little(boot_info, "the frames' records", started.error());
    }
    counters::add(limbo_counter());
    unmap_stack_guards();
    if (const auto started = arena().initialise(choose_arena(boot_info), arena_size / 2); !started) {
        too_little(boot_info, "the arena", started.error());
    }
}

void seal() {
    const ImagePart relro = image_relro();
    if (relro.begin == relro.end) {
        return;
    }
    const std::uint64_t size = relro.end - relro.begin;
    const auto lies = kernel_map().translate(relro.begin);
    if (!lies || !kernel_map().protect(relro.begin, size, read_only)) {
        panic("memory: the image cannot be made read-only");
    }
    // Absent when the memory map does not call the image's memory RAM.
    if (kernel_map().translate(to_virtual(lies->address)) &&
        !kernel_map().protect(to_virtual(lies->address), size, read_only)) {
        panic("memory: the image's alias cannot be made read-only");
    }
}

} // namespace heddle::core::memory
