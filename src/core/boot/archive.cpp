// SPDX-License-Identifier: BSD-2-Clause
// Reading ustar (POSIX.1-2017, pax, "ustar Interchange Format"). Two passes: one checks and counts, one fills
// the index.
#include "core/boot/archive.hpp"

#include "core/memory/heap.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace heddle::core::boot {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::size_t longest_path = 255;

/// A member's header, one block. Text fields end at their first NUL or at their last byte.
struct Header {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link_name[100];
    char magic[6];
    char version[2];
    char user[32];
    char group[32];
    char device_major[8];
    char device_minor[8];
    char prefix[155];
    char padding[12];
};

static_assert(sizeof(Header) == block_size && alignof(Header) == 1);
static_assert(offsetof(Header, checksum) == 148 && offsetof(Header, magic) == 257 &&
              offsetof(Header, prefix) == 345);

template <std::size_t Size>
std::string_view text(const char (&field)[Size]) {
    return {field, strnlen(field, Size)};
}

/// An octal field: digits, then blanks or NULs. Nothing when it is something else: GNU's base-256 or bad
/// digits.
template <std::size_t Size>
Result<std::uint64_t> octal(const char (&field)[Size]) {
    static_assert(Size * 3 < 64);
    std::uint64_t number = 0;
    std::size_t digits = 0;
    while (digits < Size && field[digits] >= '0' && field[digits] <= '7') {
        number = number * 8 + static_cast<std::uint64_t>(field[digits++] - '0');
    }
    const auto ends_field = [](char c) { return c == ' ' || c == '\0'; };
    if (digits == 0 || !std::all_of(field + digits, field + Size, ends_field)) {
        return fail(Error::malformed);
    }
    return number;
}

/// The sum of the header's bytes with its checksum field taken as blanks.
std::uint64_t sum(const Header& header) {
    const auto add = [](std::span<const char> field) {
        std::uint64_t total = 0;
        for (const char c : field) {
            total += static_cast<unsigned char>(c);
        }
        return total;
    };
    const std::span whole{reinterpret_cast<const char*>(&header), block_size};
    return add(whole) - add(header.checksum) + sizeof(header.checksum) * std::uint64_t{' '};
}

bool is_zero(std::span<const std::byte> block) {
    return std::ranges::all_of(block, [](std::byte b) { return b == std::byte{0}; });
}

/// Why a header's type is not taken; empty for a regular file and a directory.
std::string_view refusal(char type) {
    switch (type) {
    case '\0':
    case '0':
    case '5':
    case '7': return {}; // '7', contiguous: POSIX lets a reader take it for regular
    case '1': return "hard links are not supported";
    case '2': return "symbolic links are not supported";
    case '3': return "character devices are not supported";
    case '4': return "block devices are not supported";
    case '6': return "FIFOs are not supported";
    case 'x': return "pax extended headers are not supported; write plain ustar";
    case 'g': return "pax global headers are not supported; write plain ustar";
    case 'L':
    case 'K': return "GNU long names are not supported; write plain ustar";
    case 'S': return "GNU sparse files are not supported; write plain ustar";
    default: return "unknown member type";
    }
}

/// A path in the header's two parts, with "./" at the start dropped.
struct Path {
    std::string_view prefix;
    std::string_view name;

    std::size_t size() const { return prefix.empty() ? name.size() : prefix.size() + 1 + name.size(); }
};

std::string_view without_dot(std::string_view path) {
    while (path.starts_with("./")) {
        path.remove_prefix(2);
    }
    return path == "." ? std::string_view{} : path;
}

Path path_of(const Header& header) {
    const std::string_view prefix = without_dot(text(header.prefix));
    const std::string_view name = text(header.name);
    return {prefix, prefix.empty() ? without_dot(name) : name};
}

/// Why `part`, one or more components, may not be part of a path; empty when it may.
std::string_view component_problem(std::string_view part) {
    while (true) {
        const std::size_t slash = part.find('/');
        const std::string_view component = part.substr(0, slash);
        if (component.empty()) {
            return "the path has an empty component";
        }
        if (component == "." || component == "..") {
            return "the path has a \".\" or \"..\" component";
        }
        if (slash == std::string_view::npos) {
            return {};
        }
        part.remove_prefix(slash + 1);
    }
}

std::string_view path_problem(const Header& header, bool directory) {
    Path path = path_of(header);
    if (directory && path.name.ends_with('/')) {
        path.name.remove_suffix(1);
    }
    if (directory && path.size() == 0) {
        return {}; // "./", the top
    }
    if (path.size() == 0) {
        return "the path is empty";
    }
    if (path.prefix.starts_with('/') || (path.prefix.empty() && path.name.starts_with('/'))) {
        return "the path is absolute";
    }
    if (path.size() > longest_path) {
        return "the path is longer than 255 bytes";
    }
    if (const std::string_view problem = path.prefix.empty() ? "" : component_problem(path.prefix);
        !problem.empty()) {
        return problem;
    }
    return component_problem(path.name);
}

/// Why the header cannot be believed at all; empty when it can.
std::string_view header_problem(const Header& header) {
    if (std::memcmp(header.magic,
                    "ustar\0"
                    "00",
                    8) != 0) {
        const bool gnu = std::memcmp(header.magic, "ustar  ", 8) == 0;
        return gnu ? "GNU tar format, not POSIX ustar" : "not a ustar header";
    }
    const auto checksum = octal(header.checksum);
    if (!checksum || *checksum != sum(header)) {
        return "wrong header checksum";
    }
    return {};
}

/// A file whose header was checked.
struct Member {
    Path path;
    std::span<const std::byte> data;
};

} // namespace

/// Walks an archive's members and builds the index.
class ArchiveIndexer {
  public:
    ArchiveIndexer(std::span<const std::byte> bytes, ArchiveProblem& problem)
        : bytes_{bytes}
        , problem_{problem} {}

    Result<Archive> index() {
        std::size_t count = 0;
        std::size_t path_bytes = 0;
        TRY(walk([&](const Member& member) {
            ++count;
            path_bytes += member.path.prefix.empty() ? 0 : member.path.size();
        }));
        Archive archive;
        if (count == 0) {
            return archive;
        }
        TRY(allocate(archive, count, path_bytes));
        TRY(walk([&](const Member& member) { add(archive, member); }));
        TRY(sort(archive));
        return archive;
    }

  private:
    /// Visits every file, checking all of the archive up to its end.
    template <class Visitor>
    Result<void> walk(Visitor visit) {
        std::span<const std::byte> rest = bytes_;
        for (problem_.member = 1;; ++problem_.member) {
            problem_.name = {};
            if (rest.size() < block_size) {
                return malformed(rest.empty() ? "the end of the archive is missing"
                                              : "truncated inside a header");
            }
            if (is_zero(rest.first(block_size))) {
                return end_of_archive(rest.subspan(block_size));
            }
            const auto& header = *reinterpret_cast<const Header*>(rest.data());
            const std::uint64_t size = TRY(check(header));
            rest = rest.subspan(block_size);
            const bool directory = header.type == '5';
            const std::uint64_t stored = directory ? 0 : size; // a directory's size is a hint, without data
            if (stored > rest.size()) {
                return malformed("truncated: the file is longer than the rest of the archive");
            }
            if (!directory) {
                visit(Member{path_of(header), rest.first(stored)});
            }
            const std::uint64_t padded = (stored + block_size - 1) / block_size * block_size;
            if (padded > rest.size()) {
                return malformed("truncated inside a file's padding");
            }
            rest = rest.subspan(padded);
        }
    }

    Result<void> end_of_archive(std::span<const std::byte> rest) {
        if (rest.size() < block_size || !is_zero(rest.first(block_size))) {
            return malformed("the end of the archive is one zero block, not two");
        }
        return {};
    }

    /// The member's size; its header is sound in every respect.
    Result<std::uint64_t> check(const Header& header) {
        if (const auto reason = header_problem(header); !reason.empty()) {
            return malformed(reason);
        }
        problem_.name = text(header.name);
        if (const auto reason = refusal(header.type); !reason.empty()) {
            return malformed(reason);
        }
        const auto size = octal(header.size);
        if (!size) {
            return malformed((header.size[0] & 0x80) != 0 ? "the size is in base 256, not octal"
                                                          : "the size is not an octal number");
        }
        if (const auto reason = path_problem(header, header.type == '5'); !reason.empty()) {
            return malformed(reason);
        }
        return *size;
    }

    Result<void> allocate(Archive& archive, std::size_t count, std::size_t path_bytes) {
        // No overflow: each file has a block of the archive, more than the index needs for it.
        static_assert(sizeof(ArchiveFile) + sizeof(std::uint32_t) + longest_path + 1 < block_size);
        const std::size_t size = count * (sizeof(ArchiveFile) + sizeof(std::uint32_t)) + path_bytes;
        const auto memory = count <= UINT32_MAX ? memory::heap::allocate(size) : fail(Error::out_of_memory);
        if (!memory) {
            problem_.reason = "no memory for the index";
            return fail(memory.error());
        }
        auto* block = static_cast<std::byte*>(*memory);
        archive.files_ = reinterpret_cast<ArchiveFile*>(block);
        archive.by_path_ = reinterpret_cast<std::uint32_t*>(block + count * sizeof(ArchiveFile));
        paths_ = reinterpret_cast<char*>(archive.by_path_ + count);
        return {};
    }

    void add(Archive& archive, const Member& member) {
        new (&archive.by_path_[archive.count_]) std::uint32_t{static_cast<std::uint32_t>(archive.count_)};
        new (&archive.files_[archive.count_]) ArchiveFile{joined(member.path), member.data};
        ++archive.count_;
    }

    /// The path in one piece: in the archive itself, or put together in the index.
    std::string_view joined(const Path& path) {
        if (path.prefix.empty()) {
            return path.name;
        }
        const std::string_view whole{paths_, path.size()};
        paths_ = std::ranges::copy(path.prefix, paths_).out;
        *paths_++ = '/';
        paths_ = std::ranges::copy(path.name, paths_).out;
        return whole;
    }

    Result<void> sort(Archive& archive) {
        const std::span numbers{archive.by_path_, archive.count_};
        const auto before = [files = archive.files_](std::uint32_t a, std::uint32_t b) {
            const int order = files[a].path.compare(files[b].path);
            return order != 0 ? order < 0 : a < b;
        };
        // A heap sort: neither recursion nor a quadratic worst case for a hostile order of names.
        std::ranges::make_heap(numbers, before);
        std::ranges::sort_heap(numbers, before);
        for (std::size_t i = 1; i < numbers.size(); ++i) {
            if (archive.files_[numbers[i - 1]].path == archive.files_[numbers[i]].path) {
                return duplicate(archive.files_[numbers[i]]);
            }
        }
        return {};
    }

    /// Names the later of two members with the same path.
    Result<void> duplicate(const ArchiveFile& file) {
        std::size_t member = 0;
        std::string_view name;
        TRY(walk([&](const Member& visited) {
            if (visited.data.data() == file.data.data()) { // each member's is its own, empty or not
                member = problem_.member;
                name = problem_.name;
            }
        }));
        problem_.member = member;
        problem_.name = name;
        return malformed("an earlier member has the same path");
    }

    std::unexpected<Error> malformed(std::string_view reason) {
        problem_.reason = reason;
        return fail(Error::malformed);
    }

    std::span<const std::byte> bytes_;
    ArchiveProblem& problem_;
    char* paths_ = nullptr;
};

Result<Archive> Archive::open(std::span<const std::byte> bytes, ArchiveProblem& problem) {
    return ArchiveIndexer{bytes, problem}.index();
}

Result<ArchiveFile> Archive::find(std::string_view path) const {
    const std::span numbers{by_path_, count_};
    const auto at =
        std::ranges::lower_bound(numbers, path, {}, [this](std::uint32_t n) { return files_[n].path; });
    if (at == numbers.end() || files_[*at].path != path) {
        return fail(Error::not_found);
    }
    return files_[*at];
}

void Archive::release() {
    memory::heap::free(files_);
}

} // namespace heddle::core::boot
