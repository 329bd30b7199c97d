// SPDX-License-Identifier: BSD-2-Clause
// Control registers, model-specific registers and CPUID as functions, with the bits that the kernel uses.
#pragma once

#include <cstdint>

namespace heddle::amd64 {

/// SDM vol. 3A, 2.5 "Control registers".
namespace cr0 {
inline constexpr std::uint64_t protection = 1U << 0;
inline constexpr std::uint64_t monitor_coprocessor = 1U << 1;
inline constexpr std::uint64_t emulation = 1U << 2;
inline constexpr std::uint64_t task_switched = 1U << 3;
inline constexpr std::uint64_t extension_type = 1U << 4; ///< always set
inline constexpr std::uint64_t numeric_error = 1U << 5;
inline constexpr std::uint64_t write_protect = 1U << 16;
inline constexpr std::uint64_t alignment_mask = 1U << 18;
inline constexpr std::uint64_t paging = 1U << 31;
} // namespace cr0

namespace cr4 {
inline constexpr std::uint64_t physical_address_extension = 1U << 5;
inline constexpr std::uint64_t machine_check = 1U << 6;
inline constexpr std::uint64_t os_fxsr = 1U << 9;
inline constexpr std::uint64_t os_xmm_exceptions = 1U << 10;
inline constexpr std::uint64_t umip = 1U << 11;
inline constexpr std::uint64_t fsgsbase = 1U << 16;
inline constexpr std::uint64_t smep = 1U << 20;
inline constexpr std::uint64_t smap = 1U << 21;
} // namespace cr4

/// SDM vol. 4, table 2-2.
enum class Msr : std::uint32_t {
    apic_base = 0x1b,
    sysenter_segment = 0x174, ///< IA32_SYSENTER_CS
    page_attributes = 0x277,
    efer = 0xc000'0080,
    system_call_segments = 0xc000'0081, ///< STAR
    system_call_target = 0xc000'0082,   ///< LSTAR
    system_call_mask = 0xc000'0084,     ///< SFMASK
    fs_base = 0xc000'0100,
    gs_base = 0xc000'0101,
    kernel_gs_base = 0xc000'0102,
};

inline std::uint64_t read_cr0() {
    std::uint64_t value;
    asm volatile("movq %%cr0, %0" : "=r"(value));
    return value;
}

inline void write_cr0(std::uint64_t value) {
    asm volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

/// The address of the last page fault.
inline std::uint64_t read_cr2() {
    std::uint64_t value;
    asm volatile("movq %%cr2, %0" : "=r"(value));
    return value;
}

inline std::uint64_t read_cr3() {
    std::uint64_t value;
    asm volatile("movq %%cr3, %0" : "=r"(value));
    return value;
}

inline std::uint64_t read_cr4() {
    std::uint64_t value;
    asm volatile("movq %%cr4, %0" : "=r"(value));
    return value;
}

inline void write_cr4(std::uint64_t value) {
    asm volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

/// Which debug conditions were met (SDM vol. 3B, 17.2.3); the CPU sets bits and never clears them.
inline std::uint64_t read_dr6() {
    std::uint64_t value;
    asm volatile("movq %%dr6, %0" : "=r"(value));
    return value;
}

/// DR6 as it is after reset: no condition was met.
inline void clear_dr6() {
    asm volatile("movq %0, %%dr6" : : "r"(std::uint64_t{0xffff'0ff0}));
}

inline std::uint64_t read_msr(Msr msr) {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (std::uint64_t{high} << 32) | low;
}

inline void write_msr(Msr msr, std::uint64_t value) {
    asm volatile("wrmsr"
                 :
                 : "c"(msr), "a"(static_cast<std::uint32_t>(value)),
                   "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

/// What one CPUID leaf says.
struct CpuidResult {
    std::uint32_t eax, ebx, ecx, edx;
};

inline CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    CpuidResult result;
    asm volatile("cpuid"
                 : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                 : "a"(leaf), "c"(subleaf));
    return result;
}

} // namespace heddle::amd64
