// SPDX-License-Identifier: BSD-2-Clause
// Reading and writing system registers by name, and the barriers that go with them.
#pragma once

#include <cstdint>

/// The value of system register `name`, a token as the assembler knows it.
#define READ_SYSTEM_REGISTER(name)                                                                           \
    (__extension__({                                                                                         \
        std::uint64_t heddle_read_value;                                                                     \
        asm volatile("mrs %0, " #name : "=r"(heddle_read_value)::"memory");                                  \
        heddle_read_value;                                                                                   \
    }))

#define WRITE_SYSTEM_REGISTER(name, value)                                                                   \
    (__extension__({                                                                                         \
        const std::uint64_t heddle_written_value = (value);                                                  \
        asm volatile("msr " #name ", %0" ::"r"(heddle_written_value) : "memory");                            \
    }))

namespace heddle::aarch64 {

/// Later instructions see the effect of earlier system register writes.
inline void instruction_barrier() {
    asm volatile("isb" ::: "memory");
}

/// Earlier memory accesses, to devices as well, are complete.
inline void data_barrier() {
    asm volatile("dsb sy" ::: "memory");
}

} // namespace heddle::aarch64
