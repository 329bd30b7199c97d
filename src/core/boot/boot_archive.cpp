// SPDX-License-Identifier: BSD-2-Clause
// The component that opens the boot archive for the appliance.
#include "core/boot/archive.hpp"
#include "core/component/wiring.hpp"
#include "core/log/log.hpp"
#include "core/memory/layout.hpp"

#include <optional>

namespace heddle::core::boot {
namespace {

constinit std::optional<Archive> archive;

Result<void> start(component::Wiring& wiring) {
    const Module& module = wiring.boot_info().archive;
    if (module.size == 0) {
        log::info("no boot archive");
        archive.emplace();
    } else {
        const auto* bytes = memory::to_virtual(module.base).as<const std::byte>();
        ArchiveProblem problem;
        auto opened = Archive::open({bytes, module.size}, problem);
        if (!opened) {
            log::error("boot archive: member {} '{}': {}", problem.member, problem.name, problem.reason);
            return fail(opened.error());
        }
        archive.emplace(*std::move(opened));
        log::info("boot archive: {} files, {} bytes", archive->files().size(), module.size);
    }
    wiring.provide(*archive);
    return {};
}

void stop() {
    archive.reset();
}

} // namespace

HEDDLE_COMPONENT(boot_archive_component){
    .name = "boot-archive",
    .provides = component::interfaces<Archive>,
    .needs = {},
    .start = start,
    .stop = stop,
};

} // namespace heddle::core::boot
