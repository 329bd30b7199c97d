// SPDX-License-Identifier: BSD-2-Clause
// Multiboot2 information, lying at 64 KiB.
#include "arch/amd64/boot/multiboot2.hpp"
#include "fuzz.hpp"
#include "test/core/boot/buffer_reader.hpp"

using namespace heddle;
using namespace heddle::test;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr PhysAddr base{0x10000};
    const auto input = std::as_bytes(std::span{data, size});
    core::boot::BootInfo boot_info;
    core::boot::BootProblem problem;
    if (!amd64::parse_multiboot2(BufferReader{base, input}, base, boot_info, problem)) {
        require(!problem.what.empty(), "a refusal says why");
        return 0;
    }
    require_sound(boot_info, input);
    require(boot_info.rsdp.value == 0 || (boot_info.rsdp >= base && boot_info.rsdp - base + 20 <= size),
            "the root pointer's copy lies in the information");
    return 0;
}
