// SPDX-License-Identifier: BSD-2-Clause
// Encoding: ACPI 6.5, 20.2.5.1 (DefName), 20.2.5.4 (DefPackage), 20.2.4 (PkgLength), 20.2.3 (constants).
#include "dev/acpi/sleep_package.hpp"

#include "lib/bytes.hpp"

namespace heddle::dev::acpi {
namespace {

constexpr std::string_view soft_off_name = "_S5_";
constexpr std::size_t name_length = soft_off_name.size();

enum Opcode : std::uint8_t {
    zero = 0x00,
    one = 0x01,
    name = 0x08,
    byte_prefix = 0x0a,
    word_prefix = 0x0b,
    double_word_prefix = 0x0c,
    package = 0x12,
};

/// How far the scan may move when the last of the four bytes under it is `last`: to where that byte may be in
/// the name.
std::size_t step_for(char last) {
    switch (last) {
    case '_': return 3;
    case 'S': return 2;
    case '5': return 1;
    default: return name_length;
    }
}

/// The next place of the name at or after `from`; npos when there is none.
std::size_t find_name(std::string_view aml, std::size_t from) {
    while (aml.size() >= name_length && from <= aml.size() - name_length) {
        if (aml.substr(from, name_length) == soft_off_name) {
            return from;
        }
        from += step_for(aml[from + name_length - 1]);
    }
    return std::string_view::npos;
}

/// Whether a NameOp stands before the name at `at`, maybe with a root prefix between them.
bool is_defined(std::string_view aml, std::size_t at) {
    if (at >= 1 && aml[at - 1] == Opcode::name) {
        return true;
    }
    return at >= 2 && aml[at - 1] == '\\' && aml[at - 2] == Opcode::name;
}

/// An integer constant in one to four bytes that is a sleep type; Error::malformed for anything else.
Result<std::uint8_t> read_sleep_type(ByteReader& reader) {
    constexpr std::uint32_t greatest = 7; // a field of three bits
    std::uint32_t value = 0;
    switch (TRY(reader.read<std::uint8_t>())) {
    case Opcode::zero: value = 0; break;
    case Opcode::one: value = 1; break;
    case Opcode::byte_prefix: value = TRY(reader.read<std::uint8_t>()); break;
    case Opcode::word_prefix: value = TRY(reader.read<std::uint16_t>()); break;
    case Opcode::double_word_prefix: value = TRY(reader.read<std::uint32_t>()); break;
    default: return fail(Error::malformed);
    }
    return value <= greatest ? Result<std::uint8_t>{static_cast<std::uint8_t>(value)}
                             : fail(Error::malformed);
}

/// The package that follows the name.
Result<SleepTypes> read_package(Bytes bytes) {
    ByteReader reader{bytes};
    if (TRY(reader.read<std::uint8_t>()) != Opcode::package) {
        return fail(Error::malformed);
    }
    const auto length = TRY(reader.read<std::uint8_t>());
    TRY(reader.take(length >> 6)); // so many more bytes of the length, which is not needed
    const auto elements = TRY(reader.read<std::uint8_t>());
    if (elements == 0) {
        return fail(Error::malformed);
    }
    SleepTypes types;
    types.a = TRY(read_sleep_type(reader));
    types.b = elements >= 2 ? TRY(read_sleep_type(reader)) : std::uint8_t{0};
    return types;
}

} // namespace

std::optional<SleepTypes> find_soft_off(Bytes aml) {
    const std::string_view text{reinterpret_cast<const char*>(aml.data()), aml.size()};
    for (std::size_t at = find_name(text, 0); at != std::string_view::npos; at = find_name(text, at + 1)) {
        if (!is_defined(text, at)) {
            continue;
        }
        if (const auto types = read_package(aml.subspan(at + name_length))) {
            return *types;
        }
    }
    return std::nullopt;
}

} // namespace heddle::dev::acpi
