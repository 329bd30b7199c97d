// SPDX-License-Identifier: BSD-2-Clause
// The boot archive: POSIX ustar, read in place from the memory where the boot loader put it.
#pragma once

#include "lib/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace heddle::core::boot {

/// One regular file of the archive.
struct ArchiveFile {
    std::string_view path; ///< relative, no "." or ".." component, at most 255 bytes
    std::span<const std::byte> data;
};

/// What is wrong with an archive, for the message: the member's number and name and a reason in words.
struct ArchiveProblem {
    std::size_t member = 0; ///< counted from 1, directories included; one past the last for the archive's end
    std::string_view
        name; ///< as the header has it, without its prefix field; empty when the header cannot be trusted
    std::string_view reason;
};

/// A checked archive. Every member was validated by open(), so reading cannot fail. Owns its index, not the
/// bytes, which must outlive it.
class Archive {
  public:
    static constexpr std::string_view interface_name = "files";

    /// Nothing in it.
    constexpr Archive() = default;

    constexpr Archive(Archive&& other) noexcept { swap(other); }

    constexpr Archive& operator=(Archive&& other) noexcept {
        swap(other);
        return *this;
    }

    constexpr ~Archive() {
        if (files_ != nullptr) {
            release();
        }
    }

    /// Checks all of `bytes`: magic, checksums, sizes, types, end of archive, and paths (no absolute ones, no
    /// "..", none overlong, no duplicates). "./" at a path's start is dropped; directories are passed over;
    /// what follows the two zero blocks of the end is ignored, as POSIX says of the last block's padding. On
    /// Error::malformed `problem` says what is wrong. Allocates the index (heap): Error::out_of_memory.
    static Result<Archive> open(std::span<const std::byte> bytes, ArchiveProblem& problem);

    /// In archive order.
    std::span<const ArchiveFile> files() const { return {files_, count_}; }

    /// The file at `path`; Error::not_found.
    Result<ArchiveFile> find(std::string_view path) const;

  private:
    friend class ArchiveIndexer;

    constexpr void swap(Archive& other) {
        std::swap(files_, other.files_);
        std::swap(by_path_, other.by_path_);
        std::swap(count_, other.count_);
    }

    void release();

    // One block of memory: the files, then their numbers sorted by path, then the paths that are in two
    // parts.
    ArchiveFile* files_ = nullptr;
    std::uint32_t* by_path_ = nullptr;
    std::size_t count_ = 0;
};

} // namespace heddle::core::boot
