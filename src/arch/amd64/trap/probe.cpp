// SPDX-License-Identifier: BSD-2-Clause
// core/machine/probe.hpp over the accesses in trap/vectors.S, which have fix-ups.
#include "core/machine/probe.hpp"

extern "C" {
// The vector of the exception that the access raised, 0 when it raised none.
[[gnu::visibility("hidden")]] std::uint64_t heddle_probe_read(std::uint64_t address, std::uint64_t* value);
[[gnu::visibility("hidden")]] std::uint64_t heddle_probe_write(std::uint64_t address, std::uint64_t value);
[[gnu::visibility("hidden")]] std::uint64_t heddle_probe_execute(std::uint64_t address);
}

namespace heddle::machine {

const std::uint32_t return_instruction = 0xc3; // RET

Result<std::uint64_t> probe_read(VirtAddr address) {
    std::uint64_t value = 0;
    if (heddle_probe_read(address.value, &value) != 0) {
        return fail(Error::bad_address);
    }
    return value;
}

Result<void> probe_write(VirtAddr address, std::uint64_t value) {
    if (heddle_probe_write(address.value, value) != 0) {
        return fail(Error::bad_address);
    }
    return {};
}

Result<void> probe_execute(VirtAddr address) {
    if (heddle_probe_execute(address.value) != 0) {
        return fail(Error::bad_address);
    }
    return {};
}

} // namespace heddle::machine
