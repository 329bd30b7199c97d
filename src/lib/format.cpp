// SPDX-License-Identifier: BSD-2-Clause
// The run-time half of formatting: parses placeholders and writes one argument at a time.
#include "lib/format.hpp"

#include <algorithm>
#include <array>

namespace heddle {

void BufferWriter::write(std::string_view text) {
    const std::size_t room = buffer_.size() - used_;
    const std::size_t taken = std::min(room, text.size());
    for (std::size_t i = 0; i < taken; ++i) {
        buffer_[used_ + i] = text[i];
    }
    used_ += taken;
    truncated_ = truncated_ || taken < text.size();
}

namespace detail {
namespace {

struct Specification {
    bool left = false;
    bool right = false;
    bool zero = false;
    bool hexadecimal = false;
    bool prefix = false;
    std::size_t width = 0;
};

Specification parse(std::string_view text) {
    Specification specification;
    for (std::size_t i = text.starts_with(':') ? 1 : 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '<') {
            specification.left = true;
        } else if (c == '>') {
            specification.right = true;
        } else if (c == '#') {
            specification.prefix = true;
        } else if (c == 'x') {
            specification.hexadecimal = true;
        } else if (c == '0' && specification.width == 0) {
            specification.zero = true;
        } else if (c >= '0' && c <= '9') {
            specification.width = specification.width * 10 + static_cast<std::size_t>(c - '0');
        }
    }
    return specification;
}

void pad(Writer& writer, char c, std::size_t count) {
    for (; count > 0; --count) {
        writer.write({&c, 1});
    }
}

/// Writes `sign` and `digits` as wide as asked; numbers lean right, text leans left.
void write_padded(Writer& writer, const Specification& specification, std::string_view sign,
                  std::string_view digits, bool lean_right) {
    const std::size_t length = sign.size() + digits.size();
    const std::size_t fill = specification.width > length ? specification.width - length : 0;
    const bool right = specification.right || (lean_right && !specification.left);
    if (right && !specification.zero) {
        pad(writer, ' ', fill);
    }
    writer.write(sign);
    if (right && specification.zero) {
        pad(writer, '0', fill);
    }
    writer.write(digits);
    if (!right) {
        pad(writer, ' ', fill);
    }
}

void write_integer(Writer& writer, const Specification& specification, std::uint64_t magnitude,
                   bool negative) {
    std::array<char, 20> buffer;
    std::size_t at = buffer.size();
    const unsigned base = specification.hexadecimal ? 16 : 10;
    do {
        buffer[--at] = "0123456789abcdef"[magnitude % base];
        magnitude /= base;
    } while (magnitude != 0);
    const std::string_view sign = specification.prefix ? (negative ? "-0x" : "0x") : (negative ? "-" : "");
    write_padded(writer, specification, sign, {buffer.data() + at, buffer.size() - at}, true);
}

void write_argument(Writer& writer, Specification specification, const FormatArgument& argument) {
    using Kind = FormatArgument::Kind;
    switch (argument.kind) {
    case Kind::text: return write_padded(writer, specification, "", argument.text, false);
    case Kind::boolean:
        return write_padded(writer, specification, "", argument.integer != 0 ? "true" : "false", false);
    case Kind::character: {
        const char c = static_cast<char>(argument.integer);
        return write_padded(writer, specification, "", {&c, 1}, false);
    }
    case Kind::signed_integer: {
        const bool negative = static_cast<std::int64_t>(argument.integer) < 0;
        return write_integer(writer, specification, negative ? 0 - argument.integer : argument.integer,
                             negative);
    }
    case Kind::unsigned_integer: return write_integer(writer, specification, argument.integer, false);
    case Kind::pointer:
        specification.hexadecimal = specification.prefix = true;
        return write_integer(writer, specification, argument.integer, false);
    }
}

} // namespace

void format_arguments(Writer& writer, std::string_view format, std::span<const FormatArgument> arguments) {
    std::size_t next = 0;
    std::size_t literal = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '{' && format[i] != '}') {
            continue;
        }
        writer.write(format.substr(literal, i - literal));
        if (i + 1 < format.size() && format[i + 1] == format[i]) {
            writer.write(format.substr(i, 1));
            ++i;
        } else {
            const std::size_t close = format.find('}', i);
            write_argument(writer, parse(format.substr(i + 1, close - i - 1)), arguments[next++]);
            i = close;
        }
        literal = i + 1;
    }
    writer.write(format.substr(literal));
}

} // namespace detail
} // namespace heddle
