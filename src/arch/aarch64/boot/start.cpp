// SPDX-License-Identifier: BSD-2-Clause
// The first C++ in the upper half: makes the CPU and the image ready for the kernel, turns the hand-off into
// BootInfo.
#include "boot/early_console.hpp"
#include "boot/handoff.hpp"
#include "boot/relocate.hpp"
#include "core/boot/boot.hpp"
#include "core/boot/image_slide.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/log/log.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "cpu/features.hpp"
#include "cpu/protection.hpp"
#include "cpu/stacks.hpp"
#include "image_address.hpp"

#include <new>

using namespace heddle;
using namespace heddle::aarch64;

extern "C" constinit Handoff heddle_handoff{};

namespace {

/// BootInfo has members that are not zero at first; made at run time, it takes no room in the file.
alignas(core::boot::BootInfo) std::byte boot_info_storage[sizeof(core::boot::BootInfo)];

/// A device tree larger than this is none (Linux's limit, booting.rst).
constexpr std::uint32_t largest_device_tree = 2 * 1024 * 1024;

std::uint32_t read_big_endian(VirtAddr address) {
    return __builtin_bswap32(*address.as<const std::uint32_t>());
}

/// Size of the flattened tree at `tree`, in bytes; 0 when there is none.
std::uint64_t device_tree_size(PhysAddr tree) {
    if (tree == PhysAddr{} || tree.value % 8 != 0) {
        return 0;
    }
    const VirtAddr header = core::memory::to_virtual(tree);
    const std::uint32_t size = read_big_endian(header + 4);
    const bool plausible = read_big_endian(header) == 0xd00d'feed && size <= largest_device_tree;
    return plausible ? size : 0;
}

void describe_image(core::boot::BootInfo& boot_info) {
    boot_info.kernel_base = image_physical(heddle_image_start);
    boot_info.kernel_size = static_cast<std::uint64_t>(heddle_image_end - heddle_image_start);
    // There is room for it: asserted in the hand-off, which is shorter.
    (void)boot_info.memory.push_back(
        {boot_info.kernel_base, boot_info.kernel_size, core::boot::MemoryKind::kernel});
}

/// The texts that lie in the image, which boot moves: once for each place.
void take_over_texts(const Handoff& handoff, core::boot::BootInfo& boot_info) {
    boot_info.protocol = handoff.protocol == BootProtocol::efi ? "EFI" : "arm64 Image";
    if (handoff.command_line_size != 0) { // else it is the device tree's
        boot_info.command_line = {handoff.command_line.data(), handoff.command_line_size};
    }
}

void take_over(const Handoff& handoff, core::boot::BootInfo& boot_info) {
    boot_info.first_cycle = handoff.first_cycle;
    for (const HandoffRegion& region : handoff.memory) {
        (void)boot_info.memory.push_back({region.base, region.size, region.kind}); // has room: asserted there
    }
    boot_info.seed = handoff.seed;
    boot_info.rsdp = handoff.rsdp;
    boot_info.device_tree_size = device_tree_size(handoff.device_tree);
    boot_info.device_tree = boot_info.device_tree_size != 0 ? handoff.device_tree : PhysAddr{};
    // Descriptions overrule this.
    boot_info.console = {.kind = core::boot::ConsoleKind::pl011, .base = early_console_base.value};
}

void report_losses(const Handoff& handoff) {
    if (handoff.memory_dropped != 0) {
        core::log::warning("firmware's memory map is too long: {} ranges of RAM stay unused",
                           handoff.memory_dropped);
    }
    if (handoff.command_line_cut) {
        core::log::warning("the command line was cut: at most {} ASCII characters",
                           handoff.command_line.size());
    }
}

} // namespace

extern "C" {
std::uint64_t heddle_choose_place();
[[noreturn, gnu::no_stack_protector]] void heddle_machine_start();
}

/// Called by boot/start.S on the boot stack, in the upper half, on the early tables, the image where it was
/// linked: reads the boot data, which say whether that is where it stays. Returns how far from there it is
/// mapped as well.
std::uint64_t heddle_choose_place() {
    find_image();
    cpu_features = read_cpu_features();
    auto& boot_info = *new (boot_info_storage) core::boot::BootInfo{};
    take_over_texts(heddle_handoff, boot_info);
    take_over(heddle_handoff, boot_info);
    describe_image(boot_info);
    const std::uint64_t slide = core::boot::choose_image_slide(boot_info);
    if (slide != 0) {
        core::boot::map_image_at_slide(boot_info, slide);
    }
    return slide;
}

/// Called by boot/start.S on the boot stack, on the early tables, where the image stays. What was learnt
/// before lies in boot data, but for the protocol's name, which is the image's. Not protected by the stack
/// guard and not signed, because it sets the keys, and boot() the guard.
void heddle_machine_start() {
    relocate_image();
    core::cpu::CpuLocal& cpu = core::cpu::local(CpuId{0});
    take_boot_cpu_stacks(cpu.machine);
    cpu.machine.affinity = read_affinity();
    draw_kernel_key(cpu.machine);
    ready_cpu(cpu.machine, cpu_features);

    auto& boot_info = *std::launder(reinterpret_cast<core::boot::BootInfo*>(boot_info_storage));
    take_over_texts(heddle_handoff, boot_info);
    report_losses(heddle_handoff);
    core::boot::boot(boot_info);
}
