// SPDX-License-Identifier: BSD-2-Clause
// The first C++: makes the boot CPU a CPU of the kernel, reads the boot protocol's data, hands over to core.
#include "boot/early_console.hpp"
#include "boot/multiboot2.hpp"
#include "boot/protocol.h"
#include "boot/pvh.hpp"
#include "boot/relocate.hpp"
#include "core/boot/boot.hpp"
#include "core/boot/image_slide.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "cpu/descriptors.hpp"
#include "cpu/features.hpp"
#include "cpu/stacks.hpp"
#include "lib/format.hpp"
#include "machine/io.hpp"
#include "processor/trampoline.hpp"

#include <new>

namespace heddle::amd64 {
namespace {

using core::boot::BootInfo;

/// What early page tables map (boot/start.S).
constexpr PhysAddr early_end{1ULL << 32};

/// In bss, where a constinit object with a default string would cost the image its whole size.
alignas(BootInfo) constinit std::byte boot_info_storage[sizeof(BootInfo)]{};

/// The boot data is unusable: says why and stops. What the command line wants to be done at the end is not
/// known yet.
[[noreturn]] void stop(std::string_view protocol, const BootProblem& problem, Error error) {
    char text[240];
    BufferWriter writer{text};
    format_to(writer, "heddle: the {} boot data is unusable: {} (offset {}): {}; stopped.\n", protocol,
              problem.what, problem.offset, error);
    early_print(writer.text());
    machine::out8(HEDDLE_DEBUG_EXIT_PORT, HEDDLE_EARLY_FAILURE);
    machine::halt();
}

void set_up_boot_cpu() {
    fill_interrupt_descriptors();
    set_up_cpu(core::cpu::local(CpuId{0}), boot_cpu_stacks());
}

/// As the parsers name it.
std::string_view name_of(unsigned protocol) {
    return protocol == HEDDLE_PROTOCOL_MULTIBOOT2 ? "multiboot2" : "PVH";
}

void read_boot_data(unsigned protocol, PhysAddr information, BootInfo& boot_info) {
    const core::boot::EarlyReader memory{early_end};
    BootProblem problem;
    const bool multiboot2 = protocol == HEDDLE_PROTOCOL_MULTIBOOT2;
    const auto result = multiboot2 ? parse_multiboot2(memory, information, boot_info, problem)
                                   : parse_pvh(memory, information, boot_info, problem);
    if (!result) {
        stop(name_of(protocol), problem, result.error());
    }
}

void describe_image(PhysAddr image, BootInfo& boot_info) {
    boot_info.kernel_base = image;
    boot_info.kernel_size = static_cast<std::uint64_t>(heddle_image_end - heddle_image_start);
    const core::boot::MemoryRegion region{image, boot_info.kernel_size, core::boot::MemoryKind::kernel};
    if (auto result = boot_info.memory.push_back(region); !result) {
        stop(boot_info.protocol, {.what = "its memory map leaves no room for the kernel"}, result.error());
    }
}

} // namespace
} // namespace heddle::amd64

using namespace heddle;

extern "C" {
std::uint64_t heddle_choose_place(unsigned protocol, PhysAddr information, PhysAddr image,
                                  std::uint64_t first_cycle);
[[noreturn]] void heddle_machine_start(unsigned protocol);
}

/// Called by boot/start.S on the boot stack with early page tables, the image where it was linked: reads the
/// boot data, which say whether that is where it stays. Returns how far from there it is mapped as well.
std::uint64_t heddle_choose_place(unsigned protocol, PhysAddr information, PhysAddr image,
                                  std::uint64_t first_cycle) {
    amd64::detect_features();
    auto& boot_info = *new (amd64::boot_info_storage) core::boot::BootInfo;
    boot_info.first_cycle = first_cycle;
    // The interrupt that PCs wire COM1 to; a firmware table that says otherwise comes later.
    boot_info.console = {
        .kind = core::boot::ConsoleKind::ns16550_port, .base = amd64::com1_port, .interrupt = 4};
    boot_info.early_map_end = amd64::early_end;
    amd64::read_boot_data(protocol, information, boot_info);
    amd64::describe_image(image, boot_info);
    const std::uint64_t slide = core::boot::choose_image_slide(boot_info);
    if (slide != 0) {
        core::boot::map_image_at_slide(boot_info, slide);
    }
    return slide;
}

/// Called by boot/start.S on the boot stack with early page tables, where the image stays. What was learnt
/// before lies in boot data, but for the protocol's name, which is the image's.
void heddle_machine_start(unsigned protocol) {
    amd64::relocate_image();
    amd64::set_up_boot_cpu();
    amd64::enable_protections();
    amd64::patch_entry_paths();

    auto& boot_info = *std::launder(reinterpret_cast<core::boot::BootInfo*>(amd64::boot_info_storage));
    boot_info.protocol = amd64::name_of(protocol);
    amd64::reserve_trampoline(boot_info);
    core::boot::boot(boot_info);
}
