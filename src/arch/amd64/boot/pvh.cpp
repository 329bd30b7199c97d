// SPDX-License-Identifier: BSD-2-Clause
// The start info and the three things it points to: memory map, command line, modules.
#include "pvh.hpp"

#include "lib/bytes.hpp"

namespace heddle::amd64 {
namespace {

using core::boot::BootInfo;
using core::boot::MemoryKind;

constexpr std::uint32_t start_info_magic = 0x336ec578;
constexpr std::size_t longest_command_line = 4095;
constexpr std::uint32_t most_modules = 64;
constexpr std::uint32_t most_ranges = 1024;

struct StartInfo {
    std::uint32_t magic;
    std::uint32_t version; ///< from 1 on with a memory map
    std::uint32_t flags;
    std::uint32_t module_count;
    std::uint64_t modules;
    std::uint64_t command_line;
    std::uint64_t root_pointer;
    std::uint64_t memory_map;
    std::uint32_t memory_map_entries;
    std::uint32_t reserved;
};

struct ModuleEntry {
    std::uint64_t base;
    std::uint64_t size;
    std::uint64_t command_line;
    std::uint64_t reserved;
};

struct MemoryMapEntry {
    std::uint64_t base;
    std::uint64_t size;
    std::uint32_t type;
    std::uint32_t reserved;
};

static_assert(sizeof(StartInfo) == 56 && sizeof(ModuleEntry) == 32 && sizeof(MemoryMapEntry) == 24);
static_assert(offsetof(StartInfo, memory_map) == 40);

class Parser {
  public:
    Parser(const PvhReader& memory, BootInfo& boot_info, BootProblem& problem)
        : memory_{memory}
        , boot_info_{boot_info}
        , problem_{problem} {}

    Result<void> parse(PhysAddr address) {
        const auto info = TRY(at<StartInfo>(address, "the PVH start info's address is wrong"));
        if (info.magic != start_info_magic) {
            return malformed("the PVH start info's magic is wrong");
        }
        if (info.version < 1 || info.memory_map_entries == 0) {
            return malformed("the PVH start info has no memory map");
        }
        boot_info_.protocol = "PVH";
        boot_info_.rsdp = PhysAddr{info.root_pointer};
        TRY(memory_map(info));
        TRY(modules(info));
        if (info.command_line != 0) {
            boot_info_.command_line = TRY(string(PhysAddr{info.command_line}));
            TRY(kept(PhysAddr{info.command_line}, boot_info_.command_line.size() + 1));
        }
        return kept(address, sizeof(StartInfo));
    }

  private:
    Result<void> memory_map(const StartInfo& info) {
        const PhysAddr table{info.memory_map};
        const auto entries = TRY(table_bytes<MemoryMapEntry>(
            table, info.memory_map_entries, most_ranges, "the PVH memory map's size or address is wrong"));
        ByteReader reader{entries};
        while (reader.remaining() > 0) {
            problem_.offset = reader.position();
            const auto entry = TRY(reader.read<MemoryMapEntry>());
            TRY(add_firmware_range(boot_info_, {entry.base, entry.size, entry.type}, problem_));
        }
        return {};
    }

    Result<void> modules(const StartInfo& info) {
        if (info.module_count == 0) {
            return kept(PhysAddr{info.memory_map}, info.memory_map_entries * sizeof(MemoryMapEntry));
        }
        const PhysAddr table{info.modules};
        const auto entries = TRY(table_bytes<ModuleEntry>(table, info.module_count, most_modules,
                                                          "the PVH module list's size or address is wrong"));
        ByteReader reader{entries};
        while (reader.remaining() > 0) {
            problem_.offset = reader.position();
            const auto entry = TRY(reader.read<ModuleEntry>());
            const auto name =
                entry.command_line == 0 ? std::string_view{} : TRY(string(PhysAddr{entry.command_line}));
            TRY(add_module(boot_info_, PhysAddr{entry.base}, entry.size, name, problem_));
        }
        TRY(kept(table, entries.size()));
        return kept(PhysAddr{info.memory_map}, info.memory_map_entries * sizeof(MemoryMapEntry));
    }

    template <class Entry>
    Result<std::span<const std::byte>> table_bytes(PhysAddr address, std::uint32_t count, std::uint32_t most,
                                                   std::string_view what) {
        problem_.offset = 0;
        if (count > most) {
            return malformed(what);
        }
        const auto bytes = memory_.read(address, count * sizeof(Entry));
        return bytes ? bytes : malformed(what);
    }

    template <class T>
    Result<T> at(PhysAddr address, std::string_view what) {
        const auto bytes = memory_.read(address, sizeof(T));
        if (!bytes) {
            return malformed(what);
        }
        return ByteReader{*bytes}.read<T>();
    }

    /// The NUL-terminated text at `address`; byte by byte, because where it ends is not known before.
    Result<std::string_view> string(PhysAddr address) {
        problem_.offset = 0;
        for (std::size_t length = 0; length <= longest_command_line; ++length) {
            const auto bytes = memory_.read(address, length + 1);
            if (!bytes) {
                return malformed("a PVH string's address is wrong");
            }
            if (bytes->back() == std::byte{0}) {
                return std::string_view{reinterpret_cast<const char*>(bytes->data()), length};
            }
        }
        return malformed("a PVH string is longer than 4095 bytes");
    }

    Result<void> kept(PhysAddr base, std::uint64_t size) {
        return keep(boot_info_, base, size, MemoryKind::reclaimable, problem_);
    }

    std::unexpected<Error> malformed(std::string_view what) {
        problem_.what = what;
        return fail(Error::malformed);
    }

    const PvhReader& memory_;
    BootInfo& boot_info_;
    BootProblem& problem_;
};

} // namespace

Result<void> parse_pvh(const PvhReader& memory, PhysAddr start_info, BootInfo& boot_info,
                       BootProblem& problem) {
    problem = {};
    return Parser{memory, boot_info, problem}.parse(start_info);
}

} // namespace heddle::amd64
