// SPDX-License-Identifier: BSD-2-Clause
// Flattened device trees, lying at 1.125 GiB.
#include "dev/fdt/chosen.hpp"
#include "dev/fdt/describe.hpp"
#include "fuzz.hpp"

#include <cstring>
#include <memory>

using namespace heddle;
using namespace heddle::test;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The copy is aligned as a tree must be, and ends where the input does, so that a read past it is seen.
    const auto copy = std::make_unique<std::uint64_t[]>((size + 7) / 8);
    std::byte* start = reinterpret_cast<std::byte*>(copy.get());
    std::memcpy(start, data, size);
    const std::span<const std::byte> input{start, size};

    const dev::fdt::Chosen chosen = dev::fdt::find_chosen(input);
    require(chosen.command_line.size() <= size, "the command line is in the tree");
    require(chosen.seed_at + (chosen.seed_at != 0 ? 8 : 0) <= size, "the seed is in the tree");

    core::boot::BootInfo boot_info;
    boot_info.device_tree = PhysAddr{0x4800'0000};
    dev::fdt::TreeProblem problem;
    const auto tree = dev::fdt::Tree::open(input, problem);
    if (!tree || !dev::fdt::describe_memory(*tree, boot_info, problem) ||
        !dev::fdt::describe_devices(*tree, boot_info, problem)) {
        require(!problem.what.empty(), "a refusal says why");
        return 0;
    }
    require_sound(boot_info, input);
    return 0;
}
