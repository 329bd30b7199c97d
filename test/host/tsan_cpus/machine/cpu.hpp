// SPDX-License-Identifier: BSD-2-Clause
// Threads as CPUs: each has its interrupts, which come where a CPU would let them in or looks around while it
// waits.
#pragma once

#include <cstdint>

namespace heddle::machine {

struct InterruptState {
    bool enabled;
};

namespace host {

inline thread_local bool interrupts = true;
inline thread_local std::uint64_t pointer = 0;

/// Handles what is pending for this thread's CPU, if interrupts are on (processors.cpp).
void deliver();

/// Lets another thread go on: there are fewer cores than CPUs.
void yield();

} // namespace host

inline void enable_interrupts() {
    host::interrupts = true;
    host::deliver();
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
    host::deliver();
}

inline void pause() {
    host::deliver();
    host::yield();
}

inline std::uint64_t cpu_pointer() {
    return host::pointer;
}

inline void set_cpu_pointer(std::uint64_t value) {
    host::pointer = value;
}

} // namespace heddle::machine
