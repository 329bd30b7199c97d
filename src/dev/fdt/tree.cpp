// SPDX-License-Identifier: BSD-2-Clause
// The checked walk. libfdt checks each access against the blocks' bounds; what it leaves to its caller is
// checked here: alignment of the blocks, that every tag leads forward (a property's length may wrap libfdt's
// offset), that nodes nest.
#include "dev/fdt/tree.hpp"

#include <libfdt.h>
#include <utility>

namespace heddle::dev::fdt {
namespace {

constexpr std::size_t header_size = 40; // version 17
constexpr std::uint32_t required_version = 17;
constexpr int deepest = 16;
constexpr std::uint32_t widest_cells = 4;

constexpr std::array<std::pair<std::string_view, Key>, static_cast<std::size_t>(Key::count)> keys{{
    {"#address-cells", Key::address_cells},
    {"#size-cells", Key::size_cells},
    {"ranges", Key::ranges},
    {"compatible", Key::compatible},
    {"device_type", Key::device_type},
    {"status", Key::status},
    {"reg", Key::reg},
    {"interrupts", Key::interrupts},
    {"phandle", Key::phandle},
    {"method", Key::method},
    {"gpios", Key::gpios},
    {"linux,code", Key::key_code},
    {"#redistributor-regions", Key::redistributor_regions},
    {"bus-range", Key::bus_range},
    {"bootargs", Key::command_line},
    {"linux,initrd-start", Key::initrd_start},
    {"linux,initrd-end", Key::initrd_end},
    {"stdout-path", Key::standard_output},
}};

std::string_view words(int error) {
    switch (-error) {
    case FDT_ERR_BADMAGIC: return "wrong magic number";
    case FDT_ERR_BADVERSION: return "a version that is not 17";
    case FDT_ERR_TRUNCATED: return "truncated";
    case FDT_ERR_ALIGNMENT: return "not aligned to 8 bytes";
    case FDT_ERR_BADSTRUCTURE: return "a tag that does not exist or does not fit";
    default: return "a name or property out of bounds";
    }
}

/// What a node's children inherit.
struct Bus {
    Cells cells;
    bool translated = true;
    bool enabled = true;
};

/// The walk's state: the current node, and what its ancestors pass down.
class Walk {
  public:
    Walk(const void* data, TreeProblem& problem, void (*visit)(void*, const Node&), void* visitor)
        : data_{data}
        , problem_{problem}
        , visit_{visit}
        , visitor_{visitor} {}

    Result<void> run() {
        int offset = 0;
        do {
            int next = 0;
            const std::uint32_t tag = fdt_next_tag(data_, offset, &next);
            problem_.offset = static_cast<std::uint32_t>(offset);
            if (next <= offset) {
                return malformed(words(next < 0 ? next : -FDT_ERR_BADSTRUCTURE));
            }
            TRY(take(tag, offset));
            if (tag == FDT_END) {
                return malformed("the structure ends inside a node");
            }
            offset = next;
        } while (depth_ >= 0);
        return {};
    }

  private:
    Result<void> take(std::uint32_t tag, int offset) {
        switch (tag) {
        case FDT_BEGIN_NODE: return begin(offset);
        case FDT_PROP: return property(offset);
        case FDT_END_NODE: return end();
        default: return {};
        }
    }

    Result<void> begin(int offset) {
        finish_properties();
        if (depth_ + 1 == deepest) {
            return malformed("nodes are nested too deep");
        }
        int length = 0;
        const char* name = fdt_get_name(data_, offset, &length);
        if (name == nullptr) {
            return malformed(words(length));
        }
        const Bus bus = depth_ >= 0 ? buses_[static_cast<std::size_t>(depth_)] : Bus{};
        ++depth_;
        node_ = Node{};
        node_.name = {name, static_cast<std::size_t>(length)};
        node_.offset = offset;
        node_.depth = depth_;
        node_.enabled = bus.enabled;
        node_.translated = bus.translated;
        node_.parent_cells = bus.cells;
        in_properties_ = true;
        return {};
    }

    Result<void> property(int offset) {
        const char* name = nullptr;
        int length = 0;
        const void* data = fdt_getprop_by_offset(data_, offset, &name, &length);
        if (data == nullptr || length < 0) {
            return malformed(words(length));
        }
        if (depth_ < 0 || !in_properties_) {
            return malformed("a property outside a node, or after a node's children");
        }
        for (const auto& [known, key] : keys) {
            if (known == name) {
                node_.values[static_cast<std::size_t>(key)] =
                    Bytes{static_cast<const std::byte*>(data), static_cast<std::size_t>(length)};
                break;
            }
        }
        return {};
    }

    Result<void> end() {
        if (depth_ < 0) {
            return malformed("a node ends that has not begun");
        }
        finish_properties();
        --depth_;
        return {};
    }

    /// The current node is known entirely: at its first child, or at its end.
    void finish_properties() {
        if (!in_properties_) {
            return;
        }
        in_properties_ = false;
        const auto status = node_.text(Key::status);
        node_.enabled = node_.enabled && (!status || *status == "okay" || *status == "ok");
        buses_[static_cast<std::size_t>(depth_)] = bus_below(node_);
        visit_(visitor_, node_);
    }

    static Bus bus_below(const Node& node) {
        const std::uint32_t address = node.cell(Key::address_cells).value_or(Cells{}.address);
        const std::uint32_t size = node.cell(Key::size_cells).value_or(Cells{}.size);
        const bool sane = address <= widest_cells && size <= widest_cells;
        const auto ranges = node.value(Key::ranges);
        return {.cells = sane ? Cells{address, size} : Cells{0, 0},
                .translated = node.translated && (node.depth == 0 || (ranges && ranges->empty())),
                .enabled = node.enabled};
    }

    std::unexpected<Error> malformed(std::string_view what) {
        problem_.what = what;
        return fail(Error::malformed);
    }

    const void* data_;
    TreeProblem& problem_;
    void (*visit_)(void*, const Node&);
    void* visitor_;
    Node node_;
    std::array<Bus, deepest> buses_;
    int depth_ = -1;
    bool in_properties_ = false;
};

} // namespace

Result<Tree> Tree::open(Bytes bytes, TreeProblem& problem) {
    problem = {};
    const void* data = bytes.data();
    int error = bytes.size() < header_size ? -FDT_ERR_TRUNCATED : fdt_check_header(data);
    if (error == 0) {
        // Not libfdt's test: it is compiled to assume the version.
        if (fdt_version(data) < required_version || fdt_last_comp_version(data) > required_version) {
            error = -FDT_ERR_BADVERSION;
        } else if (fdt_totalsize(data) > bytes.size()) {
            error = -FDT_ERR_TRUNCATED;
        } else if (fdt_off_dt_struct(data) % 4 != 0 || fdt_off_mem_rsvmap(data) % 8 != 0) {
            error = -FDT_ERR_ALIGNMENT;
        }
    }
    if (error != 0) {
        problem.what = words(error);
        return fail(Error::malformed);
    }
    return Tree{data, fdt_totalsize(data)};
}

Result<void> Tree::walk(TreeProblem& problem, void (*visit)(void*, const Node&), void* visitor) const {
    return Walk{data_, problem, visit, visitor}.run();
}

std::optional<Range> Tree::reservation(std::size_t index) const {
    if (index >= size_ / sizeof(fdt_reserve_entry)) {
        return std::nullopt;
    }
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    if (fdt_get_mem_rsv(data_, static_cast<int>(index), &base, &size) != 0 || size == 0 ||
        size > UINT64_MAX - base) {
        return std::nullopt;
    }
    return Range{base, size};
}

std::optional<int> Tree::node_at(std::string_view path) const {
    path = path.substr(0, path.find(':'));
    if (!path.starts_with('/')) {
        // Not libfdt's look-up: that follows an alias to itself for ever.
        const int aliases = fdt_path_offset(data_, "/aliases");
        int length = 0;
        const void* target = aliases < 0 ? nullptr
                                         : fdt_getprop_namelen(data_, aliases, path.data(),
                                                               static_cast<int>(path.size()), &length);
        if (target == nullptr || length <= 0) {
            return std::nullopt;
        }
        const std::string_view text{static_cast<const char*>(target), static_cast<std::size_t>(length)};
        path = text.substr(0, text.find('\0'));
    }
    if (!path.starts_with('/')) {
        return std::nullopt;
    }
    const int offset = fdt_path_offset_namelen(data_, path.data(), static_cast<int>(path.size()));
    return offset >= 0 ? std::optional{offset} : std::nullopt;
}

} // namespace heddle::dev::fdt
