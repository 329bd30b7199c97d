// SPDX-License-Identifier: BSD-2-Clause
// Archives: whatever is accepted keeps the promises of archive.hpp.
#include "core/boot/archive.hpp"
#include "fuzz.hpp"

using namespace heddle;
using namespace heddle::test;

namespace {

bool is_clean(std::string_view path) {
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view component = path.substr(0, slash);
        if (component.empty() || component == "." || component == "..") {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        path.remove_prefix(slash + 1);
    }
    return false;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::as_bytes(std::span{data, size});
    core::boot::ArchiveProblem problem;
    const auto archive = core::boot::Archive::open(input, problem);
    if (!archive) {
        require(!problem.reason.empty() && problem.member > 0, "a refusal says why and where");
        require(is_inside(problem.name, input), "the problem's name lies in the archive");
        return 0;
    }
    for (const auto& file : archive->files()) {
        require(is_inside(file.data, input), "a file's data lies in the archive");
        require(file.path.size() <= 255 && is_clean(file.path), "a path is relative and clean");
        const auto found = archive->find(file.path);
        require(found && found->data.data() == file.data.data(),
                "every file is found, so no path is there twice");
    }
    return 0;
}
