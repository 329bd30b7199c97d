// SPDX-License-Identifier: BSD-2-Clause
// The kernel command line: `key=value` words, checked against the keys that this image knows.
#pragma once

#include "lib/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace heddle::core::boot {

/// A key that some part of the image understands; registered in the linker section `.options`
/// (HEDDLE_OPTION). A key that ends in '.' stands for every key with that prefix.
struct Option {
    std::string_view key;
    std::string_view help; ///< values and meaning, for `help` and messages
};

/// One `key=value`, quotes removed from the value's ends. Bare words have an empty value and `has_value`
/// false.
struct Assignment {
    std::string_view key;
    std::string_view value;
    bool has_value = false;
};

/// A parsed view of boot's command line. Owns nothing; hostile input is fine.
class CommandLine {
  public:
    constexpr CommandLine() = default;

    constexpr explicit CommandLine(std::string_view text)
        : text_{text} {}

    std::string_view text() const { return text_; }

    /// The value of the last assignment of `key`, if any.
    std::optional<std::string_view> value(std::string_view key) const;

    /// `key` as a decimal or 0x number; Error::not_found when absent, Error::malformed when not a number that
    /// fits.
    Result<std::uint64_t> number(std::string_view key) const;

    /// Visits every assignment in order.
    template <class Visitor>
    void for_each(Visitor visit) const {
        std::string_view rest = text_;
        while (auto assignment = next(rest)) {
            visit(*assignment);
        }
    }

    /// Takes the next assignment off `rest`; nothing at the end. Words are separated by blanks; "…" keeps
    /// blanks, around a value (as typed for `qemu -append`) or around the whole word (as GRUB wraps an
    /// argument that holds blanks). A backslash takes its meaning from the next character, as GRUB writes it;
    /// both stay in the value. An opening quote without a closing one reaches to the end.
    static std::optional<Assignment> next(std::string_view& rest);

  private:
    std::string_view text_;
};

/// Whether one of `options` is `key`, or is a prefix for it.
bool is_known(std::string_view key, std::span<const Option> options);

/// The known key nearest to `key` by edit distance, if one is near enough to be meant.
std::optional<std::string_view> nearest_option(std::string_view key, std::span<const Option> options);

/// The options linked into this image.
std::span<const Option> known_options();

} // namespace heddle::core::boot

#define HEDDLE_OPTION(identifier)                                                                            \
    [[gnu::section(".options"), gnu::used,                                                                   \
      gnu::retain]] constinit const ::heddle::core::boot::Option identifier
