// SPDX-License-Identifier: BSD-2-Clause
// One pass over the structure block (Devicetree Specification 0.4, 5.4), without libfdt, whose searches trust
// a tree that a whole walk has seen before; this one costs a fraction of such a walk.
#include "dev/fdt/chosen.hpp"

#include <bit>
#include <cstring>

namespace heddle::dev::fdt {
namespace {

constexpr std::uint32_t magic = 0xd00d'feed;
constexpr std::size_t structure_offset_field = 8;
constexpr std::size_t strings_offset_field = 12;
constexpr int chosen_depth = 2; // the root is 1

enum class Tag : std::uint32_t { begin_node = 1, end_node = 2, property = 3, nothing = 4 };

class Scanner {
  public:
    explicit Scanner(Bytes tree)
        : tree_{tree} {}

    Chosen scan() {
        Chosen found;
        if (cell(0) != magic) {
            return found;
        }
        at_ = cell(structure_offset_field).value_or(0);
        strings_ = cell(strings_offset_field).value_or(0);
        while (step(found)) {
        }
        return found;
    }

  private:
    /// Takes one tag; false at the end, of /chosen or of what can be understood. Each step moves forward.
    bool step(Chosen& found) {
        const auto tag = cell(at_);
        at_ += 4;
        if (!tag) {
            return false;
        }
        switch (static_cast<Tag>(*tag)) {
        case Tag::begin_node: return begin_node();
        case Tag::end_node: return --depth_ > 0 && !inside_;
        case Tag::property: return property(found);
        case Tag::nothing: return true;
        }
        return false;
    }

    bool begin_node() {
        const auto name = text(at_);
        if (!name || inside_) { // /chosen's own children are nobody's here, and come after its properties
            return false;
        }
        at_ += align_to_cell(name->size() + 1);
        inside_ = ++depth_ == chosen_depth && *name == "chosen";
        return true;
    }

    bool property(Chosen& found) {
        const auto size = cell(at_);
        const auto name_offset = cell(at_ + 4);
        const std::size_t value = at_ + 8;
        if (!size || !name_offset || value > tree_.size() || *size > tree_.size() - value) {
            return false;
        }
        at_ = value + align_to_cell(*size);
        if (inside_) {
            take(found, text(std::size_t{strings_} + *name_offset).value_or(""), value, *size);
        }
        return true;
    }

    void take(Chosen& found, std::string_view name, std::size_t value, std::size_t size) const {
        if (name == "bootargs") {
            const std::string_view all{reinterpret_cast<const char*>(tree_.data()) + value, size};
            found.command_line = all.substr(0, all.find('\0'));
        } else if (name == "kaslr-seed" && size == sizeof(found.seed)) {
            std::memcpy(&found.seed, tree_.data() + value, sizeof(found.seed));
            found.seed_at = value;
        }
    }

    std::optional<std::uint32_t> cell(std::size_t at) const {
        if (at > tree_.size() || tree_.size() - at < 4) {
            return std::nullopt;
        }
        std::uint32_t value = 0;
        std::memcpy(&value, tree_.data() + at, sizeof(value));
        return std::byteswap(value);
    }

    std::optional<std::string_view> text(std::size_t at) const {
        if (at >= tree_.size()) {
            return std::nullopt;
        }
        const std::string_view rest{reinterpret_cast<const char*>(tree_.data()) + at, tree_.size() - at};
        const std::size_t length = rest.find('\0');
        return length == std::string_view::npos ? std::nullopt : std::optional{rest.substr(0, length)};
    }

    static std::size_t align_to_cell(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

    Bytes tree_;
    std::size_t at_ = 0;
    std::uint32_t strings_ = 0;
    int depth_ = 0;
    bool inside_ = false;
};

} // namespace

Chosen find_chosen(Bytes tree) {
    return Scanner{tree}.scan();
}

} // namespace heddle::dev::fdt
