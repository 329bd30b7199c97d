// SPDX-License-Identifier: BSD-2-Clause
// The functions over zero-terminated strings. Plain loops: nothing in the kernel is fast or slow by them.
#include "lib/freestanding/string.hpp"

#include <climits>

#define NO_BUILTIN [[clang::no_builtin]]

namespace {

constexpr bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// The value of `c` as a digit of a base up to 36; 36 when it is none.
constexpr unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'a' && c <= 'z') {
        return static_cast<unsigned>(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'Z') {
        return static_cast<unsigned>(c - 'A') + 10;
    }
    return 36;
}

/// Whether "0x" and a hexadecimal digit begin at `text`. A "0x" without one is the number 0, and the x is not
/// part of it.
constexpr bool has_hexadecimal_prefix(const char* text) {
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16;
}

} // namespace

extern "C" {

NO_BUILTIN std::size_t strlen(const char* text) noexcept {
    std::size_t length = 0;
    while (text[length] != '\0') {
        ++length;
    }
    return length;
}

NO_BUILTIN std::size_t strnlen(const char* text, std::size_t limit) noexcept {
    std::size_t length = 0;
    while (length < limit && text[length] != '\0') {
        ++length;
    }
    return length;
}

NO_BUILTIN int strcmp(const char* first, const char* second) noexcept {
    while (*first != '\0' && *first == *second) {
        ++first;
        ++second;
    }
    return static_cast<unsigned char>(*first) - static_cast<unsigned char>(*second);
}

NO_BUILTIN int strncmp(const char* first, const char* second, std::size_t limit) noexcept {
    for (; limit > 0; --limit, ++first, ++second) {
        if (*first != *second || *first == '\0') {
            return static_cast<unsigned char>(*first) - static_cast<unsigned char>(*second);
        }
    }
    return 0;
}

NO_BUILTIN char* strchr(const char* text, int character) noexcept {
    for (;; ++text) {
        if (*text == static_cast<char>(character)) {
            return const_cast<char*>(text);
        }
        if (*text == '\0') {
            return nullptr;
        }
    }
}

NO_BUILTIN char* strrchr(const char* text, int character) noexcept {
    const char* found = nullptr;
    for (;; ++text) {
        if (*text == static_cast<char>(character)) {
            found = text;
        }
        if (*text == '\0') {
            return const_cast<char*>(found);
        }
    }
}

NO_BUILTIN char* strstr(const char* text, const char* wanted) noexcept {
    const std::size_t length = strlen(wanted);
    for (;; ++text) {
        if (strncmp(text, wanted, length) == 0) {
            return const_cast<char*>(text);
        }
        if (*text == '\0') {
            return nullptr;
        }
    }
}

NO_BUILTIN unsigned long strtoul(const char* text, char** end, int base) noexcept {
    const char* at = text;
    while (is_space(*at)) {
        ++at;
    }
    const bool negative = *at == '-';
    if (*at == '-' || *at == '+') {
        ++at;
    }
    if ((base == 0 || base == 16) && has_hexadecimal_prefix(at)) {
        at += 2;
        base = 16;
    } else if (base == 0) {
        base = *at == '0' ? 8 : 10;
    }
    const auto radix = static_cast<unsigned long>(base);
    const char* const digits = at;
    unsigned long value = 0;
    bool too_large = false;
    for (unsigned digit = digit_value(*at); digit < radix; digit = digit_value(*++at)) {
        too_large = too_large || value > (ULONG_MAX - digit) / radix;
        value = value * radix + digit;
    }
    if (end != nullptr) {
        *end = const_cast<char*>(at == digits ? text : at);
    }
    if (too_large) {
        return ULONG_MAX;
    }
    return negative ? 0 - value : value;
}

} // extern "C"
