// SPDX-License-Identifier: BSD-2-Clause
// Single instructions that are allowed to fault.
#include "core/machine/probe.hpp"

#include "trap/fixup.hpp"

namespace heddle::machine {

const std::uint32_t return_instruction = 0xd65f'03c0;

Result<std::uint64_t> probe_read(VirtAddr address) {
    std::uint64_t value = 0;
    std::uint64_t worked = 0;
    asm volatile("1: ldr %0, [%2]\n\t"
                 "mov %1, #1\n"
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")
                 : "+r"(value), "+r"(worked)
                 : "r"(address.value)
                 : "memory");
    if (worked == 0) {
        return fail(Error::bad_address);
    }
    return value;
}

Result<void> probe_write(VirtAddr address, std::uint64_t value) {
    std::uint64_t worked = 0;
    asm volatile("1: str %1, [%2]\n\t"
                 "mov %0, #1\n"
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")
                 : "+r"(worked)
                 : "r"(value), "r"(address.value)
                 : "memory");
    if (worked == 0) {
        return fail(Error::bad_address);
    }
    return {};
}

Result<void> probe_execute(VirtAddr address) {
    std::uint64_t worked = 0;
    // RET rather than BLR jumps there: it is no indirect branch to BTI, so a bare return instruction may be
    // the target.
    asm volatile("adr x30, 1f\n\t"
                 "ret %1\n"
                 "1: mov %0, #1\n"
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")
                 : "+r"(worked)
                 : "r"(address.value)
                 : "x30", "memory");
    if (worked == 0) {
        return fail(Error::bad_address);
    }
    return {};
}

} // namespace heddle::machine
