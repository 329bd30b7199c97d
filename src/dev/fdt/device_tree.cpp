// SPDX-License-Identifier: BSD-2-Clause
// The description source `device-tree`: finds the tree in the direct map and lets describe.hpp read it.
// Kernel only.
#include "core/boot/description.hpp"
#include "core/log/log.hpp"
#include "core/memory/layout.hpp"
#include "dev/fdt/chosen.hpp"
#include "dev/fdt/describe.hpp"

#include <cstring>

namespace heddle::dev::fdt {
namespace {

using core::boot::BootInfo;

using Describe = Result<void> (*)(const Tree&, BootInfo&, TreeProblem&);

Result<void> run(BootInfo& boot_info, Describe describe) {
    const auto* data = core::memory::to_virtual(boot_info.device_tree).as<const std::byte>();
    TreeProblem problem;
    const auto tree = Tree::open({data, boot_info.device_tree_size}, problem);
    const auto result = tree ? describe(*tree, boot_info, problem) : Result<void>{fail(tree.error())};
    if (!result) {
        core::log::error("device tree: {}, at offset {:#x} of the structure", problem.what, problem.offset);
    }
    return result;
}

void describe_early(BootInfo& boot_info) {
    auto* const data = core::memory::to_virtual(boot_info.device_tree).as<std::byte>();
    const Chosen chosen = find_chosen({data, boot_info.device_tree_size});
    if (boot_info.command_line.empty()) {
        boot_info.command_line = chosen.command_line;
    }
    if (boot_info.seed == 0) {
        boot_info.seed = chosen.seed;
    }
    if (chosen.seed_at != 0) { // whoever reads the tree later shall not learn it
        std::memset(data + chosen.seed_at, 0, sizeof(chosen.seed));
    }
}

HEDDLE_DESCRIPTION_SOURCE(device_tree){
    .name = "device-tree",
    .present = [](const BootInfo& boot_info) { return boot_info.device_tree.value != 0; },
    .describe_early = describe_early,
    .describe_memory = [](BootInfo& boot_info) { return run(boot_info, describe_memory); },
    .describe_devices = [](BootInfo& boot_info) { return run(boot_info, describe_devices); },
};

} // namespace
} // namespace heddle::dev::fdt
