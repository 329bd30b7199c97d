// SPDX-License-Identifier: BSD-2-Clause
// Looking up the exception table. It is short, so it is searched from front to back.
#include "trap/fixup.hpp"

#include "trap/exception.hpp"

#include <cstdint>
#include <span>

namespace heddle::aarch64 {
namespace {

/// Distances from the entry's own members, so that nothing needs relocation.
struct Fixup {
    std::int32_t fault;
    std::int32_t landing;

    static std::uint64_t resolve(const std::int32_t& distance) {
        return reinterpret_cast<std::uintptr_t>(&distance) +
               static_cast<std::uint64_t>(std::int64_t{distance});
    }
};

extern "C" {
[[gnu::visibility("hidden")]] extern const Fixup heddle_fixups_start[];
[[gnu::visibility("hidden")]] extern const Fixup heddle_fixups_end[];
}

} // namespace

bool apply_fixup(machine::TrapFrame& frame) {
    // When the fetch of a called function's first instruction faults, the program counter is the bad address;
    // the call's return address tells who called.
    const bool fetch = Syndrome{frame.syndrome}.of_instruction_fetch();
    const std::uint64_t key = fetch ? frame.x[30] : frame.program_counter;
    for (const Fixup& fixup : std::span{heddle_fixups_start, heddle_fixups_end}) {
        if (Fixup::resolve(fixup.fault) == key) {
            frame.program_counter = Fixup::resolve(fixup.landing);
            return true;
        }
    }
    return false;
}

} // namespace heddle::aarch64
