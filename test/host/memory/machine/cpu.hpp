// SPDX-License-Identifier: BSD-2-Clause
// The host as a machine with one CPU: what core/memory needs of machine/cpu.hpp, on a thread's own variables.
#pragma once

#include <cstdint>

namespace heddle::machine {

struct InterruptState {
    bool enabled;
};

namespace host {

inline thread_local bool interrupts = true;
inline thread_local std::uint64_t pointer = 0;

} // namespace host

inline void enable_interrupts() {
    host::interrupts = true;
}

inline void disable_interrupts() {
    host::interrupts = false;
}

inline bool interrupts_enabled() {
    return host::interrupts;
}

[[nodiscard]] inline InterruptState save_and_disable_interrupts() {
    const InterruptState state{host::interrupts};
    host::interrupts = false;
    return state;
}

inline void restore_interrupts(InterruptState state) {
    host::interrupts = state.enabled;
}

inline void pause() {}

inline std::uint64_t cpu_pointer() {
    return host::pointer;
}

inline void set_cpu_pointer(std::uint64_t value) {
    host::pointer = value;
}

} // namespace heddle::machine
