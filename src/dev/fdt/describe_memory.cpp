// SPDX-License-Identifier: BSD-2-Clause
// From a device tree's memory nodes, reservations and /chosen to the memory map, command line and archive.
#include "core/log/log.hpp"
#include "dev/fdt/describe.hpp"

#include <algorithm>

namespace heddle::dev::fdt {
namespace {

using core::boot::BootInfo;
using core::boot::MemoryKind;

namespace log = core::log;

/// A number in one cell or two.
std::optional<std::uint64_t> number(const Node& node, Key key) {
    const auto high = node.cell(key, 0);
    const auto low = node.cell(key, 1);
    if (!high) {
        return std::nullopt;
    }
    return low ? std::uint64_t{*high} << 32 | *low : *high;
}

class MemoryDescriber {
  public:
    MemoryDescriber(const Tree& tree, BootInfo& boot_info, TreeProblem& problem)
        : tree_{tree}
        , boot_info_{boot_info}
        , problem_{problem}
        , map_is_empty_{std::ranges::none_of(
              boot_info.memory, [](const auto& region) { return region.kind == MemoryKind::usable; })} {}

    Result<void> describe() {
        TRY(tree_.for_each_node(problem_, [this](const Node& node) { visit(node); }));
        if (map_is_empty_) {
            for (std::size_t i = 0; const auto range = tree_.reservation(i); ++i) {
                add(*range, MemoryKind::reserved);
            }
        }
        add({boot_info_.device_tree.value, tree_.size()}, MemoryKind::reclaimable);
        TRY(describe_archive());
        if (map_is_full_) {
            problem_.what = "more memory regions than the kernel keeps";
            return fail(Error::out_of_range);
        }
        return {};
    }

  private:
    void visit(const Node& node) {
        if (node.depth == 1 && node.name == "chosen") {
            chosen(node);
        }
        in_reserved_memory_ = node.depth == 1 ? node.name == "reserved-memory" : in_reserved_memory_;
        if (!map_is_empty_) {
            return;
        }
        if (node.depth == 1 && node.enabled && node.text(Key::device_type) == "memory") {
            add_ranges(node, MemoryKind::usable);
        } else if (node.depth == 2 && in_reserved_memory_ && node.enabled) {
            add_ranges(node, MemoryKind::reserved);
        }
    }

    void chosen(const Node& node) {
        if (const auto text = node.text(Key::command_line); text && boot_info_.command_line.empty()) {
            boot_info_.command_line = *text;
        }
        initrd_start_ = number(node, Key::initrd_start);
        initrd_end_ = number(node, Key::initrd_end);
    }

    void add_ranges(const Node& node, MemoryKind kind) {
        std::size_t count = 0;
        for (; const auto range = node.range(count); ++count) {
            add(*range, kind);
        }
        // Nodes of /reserved-memory without `reg` ask for memory to be found for them; nobody here needs it.
        if (count == 0 && kind == MemoryKind::usable) {
            log::warning("device tree: {} has no usable address range", node.name);
        }
    }

    void add(const Range& range, MemoryKind kind) {
        if (range.size != 0 && !boot_info_.memory.push_back({PhysAddr{range.base}, range.size, kind})) {
            map_is_full_ = true;
        }
    }

    Result<void> describe_archive() {
        if (boot_info_.archive.size != 0 || !initrd_start_ || !initrd_end_ ||
            *initrd_start_ == *initrd_end_) {
            return {};
        }
        const PhysAddr base{*initrd_start_};
        if (*initrd_end_ < *initrd_start_ || !boot_info_.is_ram(base, *initrd_end_ - *initrd_start_)) {
            problem_.what = "the initrd of /chosen is not in RAM";
            problem_.offset = 0;
            return fail(Error::malformed);
        }
        boot_info_.archive = {base, *initrd_end_ - *initrd_start_};
        add({base.value, boot_info_.archive.size}, MemoryKind::module);
        return {};
    }

    const Tree& tree_;
    BootInfo& boot_info_;
    TreeProblem& problem_;
    const bool map_is_empty_;
    bool map_is_full_ = false;
    bool in_reserved_memory_ = false;
    std::optional<std::uint64_t> initrd_start_;
    std::optional<std::uint64_t> initrd_end_;
};

} // namespace

Result<void> describe_memory(const Tree& tree, BootInfo& boot_info, TreeProblem& problem) {
    return MemoryDescriber{tree, boot_info, problem}.describe();
}

} // namespace heddle::dev::fdt
