// SPDX-License-Identifier: BSD-2-Clause
// The walk over frame records: RBP points to the caller's RBP, with the return address above it.
#include "core/machine/machine.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/image.hpp"
#include "cpu/stacks.hpp"

namespace heddle::machine {
namespace {

/// Whether a frame record may lie at `address`: in the image's writable part, where the boot CPU's stacks
/// are, or on another CPU's stack.
bool may_hold_frame(std::uint64_t address) {
    constexpr std::uint64_t size = 2 * sizeof(std::uint64_t);
    const auto data = core::memory::image_data();
    const bool in_image = address >= data.begin.value && address <= data.end.value - size;
    return address % sizeof(std::uint64_t) == 0 &&
           (in_image || amd64::is_allocated_stack(VirtAddr{address}, size));
}

bool is_text(std::uint64_t address) {
    const auto text = core::memory::image_text();
    return address >= text.begin.value && address <= text.end.value;
}

} // namespace

std::size_t backtrace(std::uint64_t frame_pointer, std::span<std::uint64_t> addresses) {
    std::size_t count = 0;
    while (count < addresses.size() && may_hold_frame(frame_pointer)) {
        const auto caller = probe_read(VirtAddr{frame_pointer}); // a stack's guard page is not mapped
        const auto address = probe_read(VirtAddr{frame_pointer + sizeof(std::uint64_t)});
        if (!caller || !address || !is_text(*address)) {
            break;
        }
        addresses[count++] = *address;
        frame_pointer = *caller;
    }
    return count;
}

} // namespace heddle::machine
