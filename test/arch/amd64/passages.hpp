// SPDX-License-Identifier: BSD-2-Clause
// Programs that pass the doors between user mode and the kernel, for cases that look at each instruction of
// a door (doors.hpp).
#pragma once

#include "test/arch/amd64/doors.hpp"
#include "test/arch/amd64/programs.hpp"

#include <array>

namespace heddle::test {

/// A way in and out.
struct Passage {
    const char* name;
    Door door;
    /// Passes twice with random registers, on the calling CPU, in thread context; whether all of them
    /// survived. Sets the local APIC's timer to `timer` counts just before, unless that is 0.
    bool (*pass)(std::uint64_t seed, std::uint32_t timer);
};

/// What the passages need, for a block.
class Passages {
  public:
    Passages();
    ~Passages();
    Passages(const Passages&) = delete;
    Passages& operator=(const Passages&) = delete;

    std::array<Passage, 5> all;

  private:
    Programs programs_;
};

} // namespace heddle::test
