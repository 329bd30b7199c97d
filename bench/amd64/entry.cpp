// SPDX-License-Identifier: BSD-2-Clause
// bench/entry.hpp on amd64. The interrupt is raised by INT, which counts, as does ending it at the local
// APIC.
#include "bench/entry.hpp"

#include "interrupt/local_apic.hpp"
#include "trap/trap.hpp"

namespace heddle::bench {
namespace {

constexpr std::uint8_t vector = 241; ///< nobody's, see interrupt/vectors.hpp

} // namespace

void connect_interrupt() {
    amd64::set_vector_handler(vector, [](std::uint8_t) { amd64::local_apic().end_of_interrupt(); });
}

void disconnect_interrupt() {
    amd64::set_vector_handler(vector, nullptr);
}

void take_interrupt() {
    asm volatile("int %0" : : "i"(vector) : "memory");
}

} // namespace heddle::bench
