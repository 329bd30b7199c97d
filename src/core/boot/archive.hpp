// SPDX-License-Identifier: BSD-2-Clause
// The boot archive: POSIX ustar, read in place from the memory where the boot loader put it.
#pragma once

#include "lib/result.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace heddle::core::boot {

/// One regular file of the archive.
struct ArchiveFile {
    std::string_view path;            ///< relative, no "." or ".." component, at most 255 bytes; points into the archive's index
    std::span<const std::byte> data;
};

/// What is wrong with an archive, for the message: the member's number and name and a reason in words.
struct ArchiveProblem {
    std::size_t member = 0;
    std::string_view name;
    std::string_view reason;
};

/// A checked archive. Every member was validated by open(), so reading cannot fail. Does not own the bytes.
class Archive {
  public:
    /// Nothing in it.
    constexpr Archive() = default;

    /// Checks all of `bytes`: magic, checksums, sizes, types, end of archive, and paths (no absolute ones, no "..", none
    /// overlong, no duplicates). On Error::malformed `problem` says what is wrong. Allocates the index (heap).
    static Result<Archive> open(std::span<const std::byte> bytes, ArchiveProblem& problem);

    std::span<const ArchiveFile> files() const { return files_; }

    /// The file at `path`; Error::not_found.
    Result<ArchiveFile> find(std::string_view path) const;

  private:
    std::span<const ArchiveFile> files_;
};

} // namespace heddle::core::boot
