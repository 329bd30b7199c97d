// SPDX-License-Identifier: BSD-2-Clause
// memcpy and its family: compilers call them for copies of their own, libfdt and libstdc++'s headers by name.
// General registers only, eight bytes at a time; unaligned words rely on normal memory, so not before the MMU
// is on (aarch64).
#include "lib/freestanding/string.hpp"

#include <cstdint>

// Left alone, the compiler would turn the loops below into calls of the very functions that they implement.
#define NO_BUILTIN [[clang::no_builtin]]

namespace {

/// Eight bytes at any address, of whatever type they are.
struct [[gnu::packed, gnu::may_alias]] Word {
    std::uint64_t value;
};

constexpr std::size_t stride = sizeof(Word);

} // namespace

extern "C" {

NO_BUILTIN void* memcpy(void* destination, const void* source, std::size_t count) noexcept {
    auto* to = static_cast<unsigned char*>(destination);
    const auto* from = static_cast<const unsigned char*>(source);
    for (; count >= 4 * stride; count -= 4 * stride, to += 4 * stride, from += 4 * stride) {
        auto* to_words = reinterpret_cast<Word*>(to);
        const auto* words = reinterpret_cast<const Word*>(from);
        const std::uint64_t a = words[0].value;
        const std::uint64_t b = words[1].value;
        const std::uint64_t c = words[2].value;
        const std::uint64_t d = words[3].value;
        to_words[0].value = a;
        to_words[1].value = b;
        to_words[2].value = c;
        to_words[3].value = d;
    }
    for (; count >= stride; count -= stride, to += stride, from += stride) {
        reinterpret_cast<Word*>(to)->value = reinterpret_cast<const Word*>(from)->value;
    }
    for (; count > 0; --count) {
        *to++ = *from++;
    }
    return destination;
}

NO_BUILTIN void* memmove(void* destination, const void* source, std::size_t count) noexcept {
    const auto to_address = reinterpret_cast<std::uintptr_t>(destination);
    const auto from_address = reinterpret_cast<std::uintptr_t>(source);
    // Upwards unless the destination begins inside the source. A word is loaded whole before it is stored, so
    // that going down, too, never overwrites what is still to be read.
    if (to_address - from_address >= count) {
        auto* to = static_cast<unsigned char*>(destination);
        const auto* from = static_cast<const unsigned char*>(source);
        for (; count >= stride; count -= stride, to += stride, from += stride) {
            reinterpret_cast<Word*>(to)->value = reinterpret_cast<const Word*>(from)->value;
        }
        for (; count > 0; --count) {
            *to++ = *from++;
        }
        return destination;
    }
    auto* to = static_cast<unsigned char*>(destination) + count;
    const auto* from = static_cast<const unsigned char*>(source) + count;
    for (; count >= stride; count -= stride) {
        to -= stride;
        from -= stride;
        reinterpret_cast<Word*>(to)->value = reinterpret_cast<const Word*>(from)->value;
    }
    for (; count > 0; --count) {
        *--to = *--from;
    }
    return destination;
}

NO_BUILTIN void* memset(void* destination, int value, std::size_t count) noexcept {
    auto* to = static_cast<unsigned char*>(destination);
    const auto byte = static_cast<unsigned char>(value);
    const std::uint64_t word = byte * 0x0101010101010101U;
    for (; count >= 4 * stride; count -= 4 * stride, to += 4 * stride) {
        auto* words = reinterpret_cast<Word*>(to);
        words[0].value = word;
        words[1].value = word;
        words[2].value = word;
        words[3].value = word;
    }
    for (; count >= stride; count -= stride, to += stride) {
        reinterpret_cast<Word*>(to)->value = word;
    }
    for (; count > 0; --count) {
        *to++ = byte;
    }
    return destination;
}

NO_BUILTIN int memcmp(const void* first, const void* second, std::size_t count) noexcept {
    const auto* a = static_cast<const unsigned char*>(first);
    const auto* b = static_cast<const unsigned char*>(second);
    while (count >= stride &&
           reinterpret_cast<const Word*>(a)->value == reinterpret_cast<const Word*>(b)->value) {
        a += stride;
        b += stride;
        count -= stride;
    }
    for (; count > 0; --count, ++a, ++b) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}

/// What compilers may call for a comparison with zero.
NO_BUILTIN int bcmp(const void* first, const void* second, std::size_t count) noexcept {
    return memcmp(first, second, count);
}

NO_BUILTIN void* memchr(const void* memory, int value, std::size_t count) noexcept {
    const auto* at = static_cast<const unsigned char*>(memory);
    for (; count > 0; --count, ++at) {
        if (*at == static_cast<unsigned char>(value)) {
            return const_cast<unsigned char*>(at);
        }
    }
    return nullptr;
}

} // extern "C"
