// SPDX-License-Identifier: BSD-2-Clause
// The checked walk. libfdt checks the header and searches for paths; the walk itself is here, because libfdt's next-tag step
// follows a property length that wraps for ever, and takes four times the instructions. After a walk that found nothing wrong
// every step of libfdt's leads forward.
#include "dev/fdt/tree.hpp"

#include "lib/bits.hpp"

#include <bit>
#include <cstring>
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
    default: return "an unusable header";
    }
}

/// What a node's children inherit.
struct Bus {
    Cells cells;
    bool translated = true;
    bool enabled = true;
};

/// One tag of the structure block with what belongs to it.
struct Token {
    std::uint32_t tag = FDT_END;
    int offset = 0; ///< libfdt's
    std::string_view name;
    Bytes value;
};

/// Takes the tokens off a structure block. Every one is checked to lie in the block, and its name in the strings.
class TokenReader {
  public:
    TokenReader(Bytes structure, Bytes strings)
        : structure_{structure}
        , strings_{reinterpret_cast<const char*>(strings.data()), strings.size()} {}

    /// Where the next token begins.
    std::size_t offset() const { return at_; }

    Result<Token> next() {
        Token token{.tag = 0, .offset = static_cast<int>(at_), .name = {}, .value = {}};
        token.tag = TRY(cell());
        switch (token.tag) {
        case FDT_BEGIN_NODE: token.name = TRY(node_name()); return token;
        case FDT_PROP: return property(token);
        case FDT_END_NODE:
        case FDT_NOP:
        case FDT_END: return token;
        default: return fail(Error::malformed);
        }
    }

  private:
    Result<std::uint32_t> cell() {
        if (structure_.size() - at_ < sizeof(std::uint32_t)) {
            return fail(Error::malformed);
        }
        std::uint32_t value;
        std::memcpy(&value, structure_.data() + at_, sizeof(value));
        at_ += sizeof(value);
        return std::byteswap(value);
    }

    /// The text of `block` from `at` to its NUL, which must be there. A loop of its own: names are short, calls are not.
    static Result<std::string_view> text(std::string_view block, std::size_t at) {
        for (std::size_t end = at; end < block.size(); ++end) {
            if (block[end] == '\0') {
                return block.substr(at, end - at);
            }
        }
        return fail(Error::malformed);
    }

    Result<std::string_view> node_name() {
        const std::string_view block{reinterpret_cast<const char*>(structure_.data()), structure_.size()};
        const auto name = TRY(text(block, at_));
        TRY(skip(name.size() + 1));
        return name;
    }

    Result<Token> property(Token token) {
        const std::uint32_t length = TRY(cell());
        const std::uint32_t name = TRY(cell());
        const std::size_t value = at_;
        TRY(skip(length));
        token.value = structure_.subspan(value, length);
        token.name = TRY(text(strings_, name));
        return token;
    }

    /// Over `count` bytes and the padding to the next cell.
    Result<void> skip(std::size_t count) {
        const std::size_t padded = align_up(count, sizeof(std::uint32_t));
        if (structure_.size() - at_ < padded) {
            return fail(Error::malformed);
        }
        at_ += padded;
        return {};
    }

    Bytes structure_;
    std::string_view strings_;
    std::size_t at_ = 0;
};

/// The walk's state: the current node, and what its ancestors pass down.
class Walk {
  public:
    Walk(TokenReader tokens, TreeProblem& problem, void (*visit)(void*, const Node&), void* visitor)
        : tokens_{tokens}
        , problem_{problem}
        , visit_{visit}
        , visitor_{visitor} {}

    Result<void> run() {
        do {
            problem_.offset = static_cast<std::uint32_t>(tokens_.offset());
            const auto token = tokens_.next();
            if (!token) {
                return malformed("a tag, name or property that does not exist or does not fit");
            }
            TRY(take(*token));
        } while (depth_ >= 0);
        return {};
    }

  private:
    Result<void> take(const Token& token) {
        switch (token.tag) {
        case FDT_BEGIN_NODE: return begin(token);
        case FDT_PROP: return property(token);
        case FDT_END_NODE: return end();
        case FDT_END: return malformed("the structure ends inside a node");
        default: return {};
        }
    }

    Result<void> begin(const Token& token) {
        finish_properties();
        if (depth_ + 1 == deepest) {
            return malformed("nodes are nested too deep");
        }
        const Bus bus = depth_ >= 0 ? buses_[static_cast<std::size_t>(depth_)] : Bus{};
        ++depth_;
        node_ = Node{};
        node_.name = token.name;
        node_.offset = token.offset;
        node_.depth = depth_;
        node_.enabled = bus.enabled;
        node_.translated = bus.translated;
        node_.parent_cells = bus.cells;
        in_properties_ = true;
        return {};
    }

    Result<void> property(const Token& token) {
        if (depth_ < 0 || !in_properties_) {
            return malformed("a property outside a node, or after a node's children");
        }
        for (const auto& [known, key] : keys) {
            if (known == token.name) {
                node_.values[static_cast<std::size_t>(key)] = token.value;
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

    TokenReader tokens_;
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
    const Bytes all{static_cast<const std::byte*>(data_), size_};
    const Bytes structure = all.subspan(fdt_off_dt_struct(data_), fdt_size_dt_struct(data_));
    const Bytes strings = all.subspan(fdt_off_dt_strings(data_), fdt_size_dt_strings(data_));
    return Walk{TokenReader{structure, strings}, problem, visit, visitor}.run();
}

std::optional<Range> Tree::reservation(std::size_t index) const {
    if (index >= size_ / sizeof(fdt_reserve_entry)) {
        return std::nullopt;
    }
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    if (fdt_get_mem_rsv(data_, static_cast<int>(index), &base, &size) != 0 || size == 0 || size > UINT64_MAX - base) {
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
