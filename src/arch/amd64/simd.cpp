// SPDX-License-Identifier: BSD-2-Clause
// The x87 and SSE units, off in the kernel.
#include "core/machine/machine.hpp"
#include "cpu/registers.hpp"

namespace heddle::machine {

void enable_simd() {
    using namespace amd64;
    constexpr std::uint32_t all_masked = 0x1f80; // MXCSR after reset
    write_cr0((read_cr0() | cr0::monitor_coprocessor) & ~(cr0::emulation | cr0::task_switched));
    write_cr4(read_cr4() | cr4::os_fxsr | cr4::os_xmm_exceptions);
    asm volatile("fninit\n\tldmxcsr %0" : : "m"(all_masked));
}

} // namespace heddle::machine
