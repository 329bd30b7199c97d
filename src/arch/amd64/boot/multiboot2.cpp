// SPDX-License-Identifier: BSD-2-Clause
// Walking the tags: once for all but the modules, which need the whole memory map, then once for those.
#include "multiboot2.hpp"

#include "lib/bytes.hpp"

namespace heddle::amd64 {
namespace {

using core::boot::BootInfo;
using core::boot::MemoryKind;

enum class TagType : std::uint32_t {
    end = 0,
    command_line = 1,
    loader_name = 2,
    module = 3,
    memory_map = 6,
    acpi_1_root = 14,
    acpi_2_root = 15,
};

struct InformationHeader {
    std::uint32_t total_size;
    std::uint32_t reserved;
};

struct TagHeader {
    TagType type;
    std::uint32_t size; ///< with this header, without the padding to 8 bytes
};

struct ModuleTag {
    std::uint32_t begin;
    std::uint32_t end;
};

struct MemoryMapTag {
    std::uint32_t entry_size;
    std::uint32_t entry_version;
};

struct MemoryMapEntry {
    std::uint64_t base;
    std::uint64_t size;
    std::uint32_t type;
    std::uint32_t reserved;
};

static_assert(sizeof(TagHeader) == 8 && sizeof(ModuleTag) == 8 && sizeof(MemoryMapEntry) == 24);

class Parser {
  public:
    Parser(PhysAddr address, std::span<const std::byte> bytes, BootInfo& boot_info, BootProblem& problem)
        : address_{address}
        , bytes_{bytes}
        , boot_info_{boot_info}
        , problem_{problem} {}

    Result<void> parse() {
        TRY(walk([this](TagType type, std::span<const std::byte> body) { return general_tag(type, body); }));
        if (!has_memory_map_) {
            return malformed("Multiboot2 information has no memory map");
        }
        TRY(walk([this](TagType type, std::span<const std::byte> body) {
            return type == TagType::module ? module_tag(body) : Result<void>{};
        }));
        return keep(boot_info_, address_, bytes_.size(), MemoryKind::reclaimable, problem_);
    }

  private:
    /// Visits every tag's body up to the end tag.
    template <class Visitor>
    Result<void> walk(Visitor visit) {
        ByteReader reader{bytes_};
        problem_.offset = 0;
        TRY(reader.take(sizeof(InformationHeader)));
        while (true) {
            reader.align(8);
            problem_.offset = reader.position();
            const auto header = reader.read<TagHeader>();
            if (!header) {
                return malformed("Multiboot2 information has no end tag");
            }
            if (header->size < sizeof(TagHeader)) {
                return malformed("a Multiboot2 tag is shorter than its header");
            }
            const auto body = reader.take(header->size - sizeof(TagHeader));
            if (!body) {
                return malformed("a Multiboot2 tag is longer than the information");
            }
            if (header->type == TagType::end) {
                return {};
            }
            TRY(visit(header->type, *body));
        }
    }

    Result<void> general_tag(TagType type, std::span<const std::byte> body) {
        switch (type) {
        case TagType::command_line: boot_info_.command_line = TRY(string(body)); return {};
        case TagType::loader_name: boot_info_.loader = TRY(string(body)); return {};
        case TagType::memory_map: return memory_map(body);
        case TagType::acpi_1_root: return root_pointer(body, false);
        case TagType::acpi_2_root: return root_pointer(body, true);
        default: return {};
        }
    }

    Result<void> memory_map(std::span<const std::byte> body) {
        if (has_memory_map_) {
            return malformed("Multiboot2 information has two memory maps");
        }
        has_memory_map_ = true;
        ByteReader reader{body};
        const auto tag = reader.read<MemoryMapTag>();
        if (!tag || tag->entry_size < sizeof(MemoryMapEntry) || tag->entry_size % 8 != 0) {
            return malformed("the Multiboot2 memory map's entry size is wrong");
        }
        while (reader.remaining() >= tag->entry_size) {
            ByteReader entry_reader{TRY(reader.take(tag->entry_size))};
            const auto entry = TRY(entry_reader.read<MemoryMapEntry>());
            TRY(add_firmware_range(boot_info_, {entry.base, entry.size, entry.type}, problem_));
        }
        if (reader.remaining() != 0) {
            return malformed("the Multiboot2 memory map ends inside an entry");
        }
        return {};
    }

    /// The tag's body is a copy of the root pointer; the later version of it wins.
    Result<void> root_pointer(std::span<const std::byte> body, bool extended) {
        constexpr std::size_t root_pointer_size = 20;
        constexpr std::size_t extended_root_pointer_size = 36;
        if (body.size() < (extended ? extended_root_pointer_size : root_pointer_size)) {
            return malformed("the ACPI root pointer's copy is too short");
        }
        if (extended || boot_info_.rsdp.value == 0) {
            boot_info_.rsdp = address_ + static_cast<std::uint64_t>(body.data() - bytes_.data());
        }
        return {};
    }

    Result<void> module_tag(std::span<const std::byte> body) {
        ByteReader reader{body};
        const auto tag = reader.read<ModuleTag>();
        if (!tag) {
            return malformed("a Multiboot2 module tag is too short");
        }
        if (tag->end < tag->begin) {
            return malformed("a Multiboot2 module ends before it begins");
        }
        const auto name = TRY(string(body.subspan(sizeof(ModuleTag))));
        return add_module(boot_info_, PhysAddr{tag->begin}, tag->end - tag->begin, name, problem_);
    }

    /// The text up to the NUL, which must be there.
    Result<std::string_view> string(std::span<const std::byte> body) {
        const std::string_view text{reinterpret_cast<const char*>(body.data()), body.size()};
        const std::size_t length = text.find('\0');
        if (length == std::string_view::npos) {
            return malformed("a Multiboot2 string is not terminated");
        }
        return text.substr(0, length);
    }

    std::unexpected<Error> malformed(std::string_view what) {
        problem_.what = what;
        return fail(Error::malformed);
    }

    PhysAddr address_;
    std::span<const std::byte> bytes_;
    BootInfo& boot_info_;
    BootProblem& problem_;
    bool has_memory_map_ = false;
};

} // namespace

Result<void> parse_multiboot2(const core::boot::PhysicalReader& memory, PhysAddr information,
                              BootInfo& boot_info, BootProblem& problem) {
    problem = {};
    const auto header_bytes = memory.read(information, sizeof(InformationHeader));
    if (!header_bytes || information.value % 8 != 0) {
        problem.what = "the Multiboot2 information's address is wrong";
        return fail(Error::bad_address);
    }
    const auto header = TRY(ByteReader{*header_bytes}.read<InformationHeader>());
    const auto bytes = memory.read(information, header.total_size);
    if (!bytes || header.total_size < sizeof(InformationHeader) + sizeof(TagHeader)) {
        problem.what = "the Multiboot2 information's size is wrong";
        return fail(Error::malformed);
    }
    boot_info.protocol = "multiboot2";
    return Parser{information, *bytes, boot_info, problem}.parse();
}

} // namespace heddle::amd64
