// SPDX-License-Identifier: BSD-2-Clause
// Copies with the program's rights: LDTR and STTR check addresses as EL0 would (Arm ARM C3.2.5), so PAN stays
// on throughout and nothing of the kernel's can be reached through them. Every access may fault; the
// exception table ends the copy there.
#include "core/machine/user.hpp"
#include "trap/fixup.hpp"

#include <cstring>

namespace heddle::machine {
namespace {

/// A single access of the width that `instruction` and the form `value` of the operand say; false: it
/// faulted.
#define HEDDLE_USER_LOAD(instruction, value, address)                                                        \
    asm volatile("1: " instruction ", [%2]\n\t"                                                              \
                 "mov %1, #1\n"                                                                              \
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")                                                           \
                 : "+r"(value), "+r"(worked)                                                                 \
                 : "r"(address)                                                                              \
                 : "memory")
#define HEDDLE_USER_STORE(instruction, value, address)                                                       \
    asm volatile("1: " instruction ", [%2]\n\t"                                                              \
                 "mov %0, #1\n"                                                                              \
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")                                                           \
                 : "+r"(worked)                                                                              \
                 : "r"(value), "r"(address)                                                                  \
                 : "memory")

bool load(std::uint64_t from, std::uint64_t& value) {
    std::uint64_t worked = 0;
    HEDDLE_USER_LOAD("ldtr %x0", value, from);
    return worked != 0;
}

bool load(std::uint64_t from, std::uint8_t& value) {
    std::uint64_t worked = 0;
    std::uint32_t loaded = 0;
    HEDDLE_USER_LOAD("ldtrb %w0", loaded, from);
    value = static_cast<std::uint8_t>(loaded);
    return worked != 0;
}

bool store(std::uint64_t to, std::uint64_t value) {
    std::uint64_t worked = 0;
    HEDDLE_USER_STORE("sttr %x1", value, to);
    return worked != 0;
}

bool store(std::uint64_t to, std::uint8_t value) {
    std::uint64_t worked = 0;
    HEDDLE_USER_STORE("sttrb %w1", std::uint32_t{value}, to);
    return worked != 0;
}

#undef HEDDLE_USER_LOAD
#undef HEDDLE_USER_STORE

constexpr std::size_t word = sizeof(std::uint64_t);

} // namespace

// Words while they can be had, then bytes: where a word faults, the bytes before the one at fault are copied
// still.

std::size_t copy_from_user_unchecked(void* to, VirtAddr from, std::size_t size) {
    auto* target = static_cast<std::byte*>(to);
    std::uint64_t source = from.value;
    for (std::uint64_t value; size >= word && load(source, value);
         size -= word, source += word, target += word) {
        std::memcpy(target, &value, word);
    }
    for (std::uint8_t value; size != 0 && load(source, value); --size, ++source, ++target) {
        *target = std::byte{value};
    }
    return size;
}

std::size_t copy_to_user_unchecked(VirtAddr to, const void* from, std::size_t size) {
    const auto* source = static_cast<const std::byte*>(from);
    std::uint64_t target = to.value;
    for (std::uint64_t value; size >= word; size -= word, source += word, target += word) {
        std::memcpy(&value, source, word);
        if (!store(target, value)) {
            break;
        }
    }
    while (size != 0 && store(target, std::to_integer<std::uint8_t>(*source))) {
        --size, ++source, ++target;
    }
    return size;
}

std::size_t clear_user_unchecked(VirtAddr to, std::size_t size) {
    std::uint64_t target = to.value;
    for (; size >= word && store(target, std::uint64_t{0}); size -= word) {
        target += word;
    }
    for (; size != 0 && store(target, std::uint8_t{0}); --size) {
        ++target;
    }
    return size;
}

} // namespace heddle::machine
