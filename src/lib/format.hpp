// SPDX-License-Identifier: BSD-2-Clause
// Text output without allocation: `format_to(writer, "{} of {:#x}", a, b)`, checked at compile time. Not
// locale-aware, no floats.
#pragma once

#include "lib/result.hpp"
#include "lib/units.hpp"

#include <concepts>
#include <span>
#include <string_view>

namespace heddle {

/// Where text goes. Implementations say in which context they may be called.
class Writer {
  public:
    virtual void write(std::string_view text) = 0;

  protected:
    ~Writer() = default;
};

/// Keeps the text in a caller's buffer, cut at its end. Does not terminate it.
class BufferWriter final : public Writer {
  public:
    explicit BufferWriter(std::span<char> buffer)
        : buffer_{buffer} {}

    void write(std::string_view text) override;

    std::string_view text() const { return {buffer_.data(), used_}; }

    /// Whether something did not fit.
    bool truncated() const { return truncated_; }

  private:
    std::span<char> buffer_;
    std::size_t used_ = 0;
    bool truncated_ = false;
};

namespace detail {

struct FormatArgument {
    enum class Kind : std::uint8_t { text, character, signed_integer, unsigned_integer, boolean, pointer };

    Kind kind;
    std::uint64_t integer;
    std::string_view text;
};

constexpr FormatArgument make_argument(std::string_view text) {
    return {FormatArgument::Kind::text, 0, text};
}

constexpr FormatArgument make_argument(const char* text) {
    return {FormatArgument::Kind::text, 0,
            text == nullptr ? std::string_view{"(null)"} : std::string_view{text}};
}

constexpr FormatArgument make_argument(char c) {
    return {FormatArgument::Kind::character, static_cast<std::uint64_t>(static_cast<unsigned char>(c)), {}};
}

constexpr FormatArgument make_argument(bool value) {
    return {FormatArgument::Kind::boolean, value ? 1U : 0U, {}};
}

constexpr FormatArgument make_argument(std::signed_integral auto value) {
    return {FormatArgument::Kind::signed_integer,
            static_cast<std::uint64_t>(static_cast<std::int64_t>(value)),
            {}};
}

constexpr FormatArgument make_argument(std::unsigned_integral auto value) {
    return {FormatArgument::Kind::unsigned_integer, static_cast<std::uint64_t>(value), {}};
}

inline FormatArgument make_argument(const void* pointer) {
    return {FormatArgument::Kind::pointer, reinterpret_cast<std::uintptr_t>(pointer), {}};
}

constexpr FormatArgument make_argument(PhysAddr address) {
    return {FormatArgument::Kind::pointer, address.value, {}};
}

constexpr FormatArgument make_argument(VirtAddr address) {
    return {FormatArgument::Kind::pointer, address.value, {}};
}

constexpr FormatArgument make_argument(Error error) {
    return {FormatArgument::Kind::text, 0, to_string(error)};
}

template <class Tag, class Integer>
constexpr FormatArgument make_argument(const Quantity<Tag, Integer>& quantity) {
    return {FormatArgument::Kind::unsigned_integer, quantity.value, {}};
}

// Never defined: a call inside a constant expression is the compile error, and its name the message.
void format_has_an_unclosed_brace();
void format_has_a_single_closing_brace();
void format_and_arguments_differ_in_number();

/// The number of placeholders; a bad format does not compile.
consteval std::size_t count_placeholders(std::string_view format) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] == '{') {
            if (i + 1 < format.size() && format[i + 1] == '{') {
                ++i;
                continue;
            }
            while (i < format.size() && format[i] != '}') {
                ++i;
            }
            if (i == format.size()) {
                format_has_an_unclosed_brace();
            }
            ++count;
        } else if (format[i] == '}') {
            if (i + 1 == format.size() || format[i + 1] != '}') {
                format_has_a_single_closing_brace();
            }
            ++i;
        }
    }
    return count;
}

void format_arguments(Writer& writer, std::string_view format, std::span<const FormatArgument> arguments);

} // namespace detail

/// A format whose placeholders were counted against `Arguments` at compile time.
///
/// `{}` takes the next argument; `{:[<|>][0][width][x|#x]}` aligns, pads with zeros, sets a least width,
/// writes hexadecimal.
/// `{{` and `}}` stand for the braces.
template <class... Arguments>
class FormatString {
  public:
    template <std::convertible_to<std::string_view> Text>
    consteval FormatString(const Text& text) // NOLINT(google-explicit-constructor): a literal is a format
        : text_{text} {
        if (detail::count_placeholders(text_) != sizeof...(Arguments)) {
            detail::format_and_arguments_differ_in_number();
        }
    }

    constexpr std::string_view text() const { return text_; }

  private:
    std::string_view text_;
};

/// Writes `format` with `arguments` filled in. Allocates nothing; any context that `writer` allows.
template <class... Arguments>
void format_to(Writer& writer, FormatString<std::type_identity_t<Arguments>...> format,
               const Arguments&... arguments) {
    if constexpr (sizeof...(Arguments) == 0) {
        detail::format_arguments(writer, format.text(), {});
    } else {
        const detail::FormatArgument erased[] = {detail::make_argument(arguments)...};
        detail::format_arguments(writer, format.text(), erased);
    }
}

} // namespace heddle
