// SPDX-License-Identifier: BSD-2-Clause
// Splitting the command line into assignments, and finding what a misspelt key was meant to be.
#include "core/boot/command_line.hpp"

#include <algorithm>
#include <array>

namespace heddle::core::boot {
namespace {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view skip_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

/// The length of the word at the start of `text`: to the first blank outside quotes.
std::size_t word_length(std::string_view text) {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size() && (quoted || !is_blank(text[i])); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        }
    }
    return i;
}

/// Without the quote at the start and the one at the end; a missing closing quote is forgiven.
std::string_view unquoted(std::string_view text) {
    if (!text.starts_with('"')) {
        return text;
    }
    text.remove_prefix(1);
    if (text.ends_with('"') && !text.ends_with("\\\"")) {
        text.remove_suffix(1);
    }
    return text;
}

/// A digit's value in bases up to 16; 16 for any other character.
unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

/// Longer keys are nobody's misspelling of ours.
constexpr std::size_t longest_compared = 40;

/// Insertions, deletions and substitutions between two words of at most longest_compared characters
/// (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::array<std::size_t, longest_compared + 1> row;
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

/// The part of `key` that an option is compared with: for a prefix option, up to the first '.'.
std::string_view comparable(std::string_view key, const Option& option) {
    return option.key.ends_with('.') ? key.substr(0, std::min(key.find('.'), key.size() - 1) + 1) : key;
}

} // namespace

std::optional<Assignment> CommandLine::next(std::string_view& rest) {
    rest = skip_blanks(rest);
    if (rest.empty()) {
        return std::nullopt;
    }
    const std::size_t length = word_length(rest);
    const std::string_view word = unquoted(rest.substr(0, length));
    rest.remove_prefix(length);

    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
        return Assignment{word, {}, false};
    }
    return Assignment{word.substr(0, equals), unquoted(word.substr(equals + 1)), true};
}

std::optional<std::string_view> CommandLine::value(std::string_view key) const {
    std::optional<std::string_view> found;
    for_each([&](const Assignment& assignment) {
        if (assignment.has_value && assignment.key == key) {
            found = assignment.value;
        }
    });
    return found;
}

Result<std::uint64_t> CommandLine::number(std::string_view key) const {
    const auto text = value(key);
    if (!text) {
        return fail(Error::not_found);
    }
    std::string_view digits = *text;
    const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
    const unsigned base = hexadecimal ? 16 : 10;
    digits.remove_prefix(hexadecimal ? 2 : 0);
    if (digits.empty()) {
        return fail(Error::malformed);
    }
    std::uint64_t number = 0;
    for (const char c : digits) {
        const unsigned digit = digit_value(c);
        if (digit >= base || __builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit, &number)) {
            return fail(Error::malformed);
        }
    }
    return number;
}

bool is_known(std::string_view key, std::span<const Option> options) {
    return std::ranges::any_of(options, [key](const Option& option) {
        return option.key.ends_with('.') ? key.starts_with(option.key) : key == option.key;
    });
}

std::optional<std::string_view> nearest_option(std::string_view key, std::span<const Option> options) {
    std::optional<std::string_view> nearest;
    std::size_t least = SIZE_MAX;
    for (const Option& option : options) {
        const std::string_view compared = key.empty() ? key : comparable(key, option);
        if (compared.size() > longest_compared || option.key.size() > longest_compared) {
            continue;
        }
        // A third of the letters may be wrong; more is another word.
        const std::size_t allowed = std::max<std::size_t>(1, option.key.size() / 3);
        const std::size_t distance = edit_distance(compared, option.key);
        if (distance < least && distance <= allowed && distance < option.key.size()) {
            least = distance;
            nearest = option.key;
        }
    }
    return nearest;
}

} // namespace heddle::core::boot
